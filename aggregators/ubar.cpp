#include "aggregators/ubar.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

#include "aggregators/neighborhood.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

class Ubar final : public Aggregator {
 public:
  explicit Ubar(const UbarOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<double> weights(input.received.size());
    if (!weights.empty()) {
      const std::vector<std::size_t> accepted = accept(input, context);
      const double weight = (1.0 - options_.alpha) / static_cast<double>(accepted.size());
      for (const std::size_t j : accepted) weights[j] = weight;
    }
    step_from_own(input, weights, context, result);
  }

  bool needs_oracle() const override { return true; }

 private:
  std::vector<std::size_t> accept(const AggregationInput& input,
                                  const AggregationContext& context) const {
    HEARSAY_CHECK(context.oracle != nullptr);
    const std::vector<std::size_t> order = nearest_first(distances_from_own(input));
    const auto neighbors = static_cast<double>(order.size());
    const auto candidates = static_cast<std::size_t>(std::floor(options_.rho * neighbors));
    std::vector<std::size_t> accepted;
    if (candidates > 0) {
      const double own_loss = context.oracle->loss(input.own);
      for (std::size_t k = 0; k < candidates; ++k) {
        const double loss = context.oracle->loss(input.received[order[k]].values);
        if (loss <= own_loss) accepted.push_back(order[k]);
      }
    }
    if (accepted.empty()) accepted.push_back(order[0]);
    return accepted;
  }

  UbarOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const UbarOptions& options) {
  return std::make_unique<Ubar>(options);
}

}  // namespace hearsay

#include "aggregators/balance.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "aggregators/neighborhood.hpp"
#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

class Balance final : public Aggregator {
 public:
  explicit Balance(const BalanceOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    const std::vector<double> distances = distances_from_own(input);
    const double time =
        std::min(context.round, options_.rounds) / static_cast<double>(options_.rounds);
    const double bound = options_.gamma * std::exp(-options_.kappa * time) *
                         std::sqrt(inner_product(input.own, input.own));
    const auto accepted =
        std::ranges::count_if(distances, [&](double distance) { return distance <= bound; });
    std::vector<double> weights(distances.size());
    for (std::size_t j = 0; j < distances.size(); ++j) {
      if (distances[j] <= bound) {
        weights[j] = (1.0 - options_.alpha) / static_cast<double>(accepted);
      }
    }
    step_from_own(input, weights, context, result);
  }

 private:
  BalanceOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const BalanceOptions& options) {
  return std::make_unique<Balance>(options);
}

}  // namespace hearsay

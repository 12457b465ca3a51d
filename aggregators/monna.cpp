#include "aggregators/monna.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "aggregators/input_vectors.hpp"
#include "aggregators/neighborhood.hpp"

namespace hearsay {
namespace {

class Monna final : public Aggregator {
 public:
  explicit Monna(int f) : f_(f) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    const std::vector<double> distances = distances_from_own(input);
    const auto f = std::min(static_cast<std::size_t>(f_), distances.size());
    const std::size_t kept = distances.size() - f;
    const double weight = 1.0 / static_cast<double>(kept + 1);
    std::vector<double> weights(distances.size());
    const std::vector<std::size_t> order = nearest_first(distances);
    for (std::size_t k = 0; k < kept; ++k) weights[order[k]] = weight;
    combine(input, weight, weights, context, result);
  }

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs(MonnaOptions::kKind, inputs, f_, "2f + 1", 2 * f_ + 1);
  }

 private:
  int f_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const MonnaOptions& options) {
  return std::make_unique<Monna>(options.f);
}

}  // namespace hearsay

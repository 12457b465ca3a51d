#include "aggregators/cs_plus_rg.hpp"

#include <cstddef>
#include <vector>

#include "aggregators/input_vectors.hpp"
#include "aggregators/neighborhood.hpp"

namespace hearsay {
namespace {

/// Weights that should sum to a bound do so but for rounding.
constexpr double kRounding = 1e-12;

class CsPlusRg final : public Aggregator {
 public:
  explicit CsPlusRg(int f) : f_(f) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    const std::vector<double> distances = distances_from_own(input);
    const double tau = threshold(input, distances);
    std::vector<double> weights;
    weights.reserve(distances.size());
    for (std::size_t j = 0; j < distances.size(); ++j) {
      weights.push_back(input.received[j].weight * clip_factor(distances[j], tau));
    }
    step_from_own(input, weights, context, result);
  }

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs(CsPlusRgOptions::kKind, inputs, f_, "2f + 2", 2 * f_ + 2);
  }

 private:
  double threshold(const AggregationInput& input, std::span<const double> distances) const {
    const double needed = 2.0 * largest_weights(input.received, f_) - kRounding;
    double behind = 0.0;
    for (const ReceivedModel& model : input.received) behind += model.weight;
    double tau = 0.0;
    for (const std::size_t j : nearest_first(distances)) {
      behind -= input.received[j].weight;
      if (behind < needed) break;
      tau = distances[j];
    }
    return tau;
  }

  int f_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const CsPlusRgOptions& options) {
  return std::make_unique<CsPlusRg>(options.f);
}

}  // namespace hearsay

#include "aggregators/age_weighted.hpp"

#include <algorithm>
#include <vector>

#include "aggregators/neighborhood.hpp"

namespace hearsay {
namespace {

class AgeWeighted final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    double total = std::max(0, context.round);
    for (const ReceivedModel& model : input.received) total += std::max(0, model.round);
    const auto models = static_cast<double>(input.received.size() + 1);
    std::vector<double> weights;
    weights.reserve(input.received.size());
    for (const ReceivedModel& model : input.received) {
      weights.push_back(total == 0.0 ? 1.0 / models : std::max(0, model.round) / total);
    }
    const double own = total == 0.0 ? 1.0 / models : std::max(0, context.round) / total;
    combine(input, input.received.empty() ? 1.0 : own, weights, context, result);
  }
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const AgeWeightedOptions&) {
  return std::make_unique<AgeWeighted>();
}

}  // namespace hearsay

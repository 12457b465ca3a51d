#include "aggregators/mixing_average.hpp"

#include <vector>

#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

class MixingAverage final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    double heard = 0.0;
    for (const ReceivedModel& model : input.received) heard += model.weight;
    std::vector<WeightedVector> terms;
    terms.reserve(input.received.size() + 1);
    terms.push_back({static_cast<float>(1.0 - heard), input.own});
    for (const ReceivedModel& model : input.received) {
      terms.push_back({static_cast<float>(model.weight), model.values});
    }
    linear_combination(terms, result);
    if (context.report == nullptr) return;
    context.report->influence.clear();
    for (const ReceivedModel& model : input.received) {
      context.report->influence.push_back(model.weight);
    }
  }
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const MixingAverageOptions&) {
  return std::make_unique<MixingAverage>();
}

}  // namespace hearsay

#include "aggregators/decavg.hpp"

#include <algorithm>
#include <vector>

#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

class Decavg final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::int64_t total = input.own_samples;
    for (const ReceivedModel& model : input.received) total += model.samples;
    std::vector<WeightedVector> terms;
    terms.reserve(input.received.size() + 1);
    const auto add = [&](std::int64_t samples, std::span<const float> values) {
      if (samples == 0) return;
      const double weight = static_cast<double>(samples) / static_cast<double>(total);
      terms.push_back({static_cast<float>(weight), values});
    };
    add(input.own_samples, input.own);
    for (const ReceivedModel& model : input.received) add(model.samples, model.values);
    if (terms.empty()) {
      std::ranges::copy(input.own, result.begin());
    } else {
      linear_combination(terms, result);
    }
    if (context.report == nullptr) return;
    context.report->influence.clear();
    for (const ReceivedModel& model : input.received) {
      context.report->influence.push_back(
          total == 0 ? 0.0 : static_cast<double>(model.samples) / static_cast<double>(total));
    }
  }
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const DecavgOptions&) {
  return std::make_unique<Decavg>();
}

}  // namespace hearsay

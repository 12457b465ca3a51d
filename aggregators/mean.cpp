#include "aggregators/mean.hpp"

#include <vector>

#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

class Mean final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    const double weight = 1.0 / static_cast<double>(input.received.size() + 1);
    std::vector<WeightedVector> terms;
    terms.reserve(input.received.size() + 1);
    terms.push_back({static_cast<float>(weight), input.own});
    for (const ReceivedModel& model : input.received) {
      terms.push_back({static_cast<float>(weight), model.values});
    }
    linear_combination(terms, result);
    if (context.report != nullptr) context.report->influence.assign(input.received.size(), weight);
  }
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const MeanOptions&) { return std::make_unique<Mean>(); }

}  // namespace hearsay

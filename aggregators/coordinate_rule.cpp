#include "aggregators/coordinate_rule.hpp"

#include <algorithm>

namespace hearsay {

void CoordinateRule::aggregate(const AggregationInput& input, const AggregationContext& context,
                               std::span<float> result) const {
  if (input.received.empty()) {
    std::ranges::copy(input.own, result.begin());
    return;
  }
  const InputVectors x(input, context);
  combine(x.rows(), result);
  if (context.report != nullptr) x.report(shares(x.rows()), context);
}

}  // namespace hearsay

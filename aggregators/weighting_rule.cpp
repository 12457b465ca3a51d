#include "aggregators/weighting_rule.hpp"

#include <algorithm>

#include "aggregators/vector_kernels.hpp"
#include "node/base/check.hpp"

namespace hearsay {

void WeightingRule::aggregate(const AggregationInput& input, const AggregationContext& context,
                              std::span<float> result) const {
  if (input.received.empty()) {
    std::ranges::copy(input.own, result.begin());
    return;
  }
  const InputVectors x(input, context);
  const std::vector<double> shares = weights(x, context);
  combine_rows(x.rows(), shares, result);
  x.report(shares, context);
}

void combine_rows(Rows rows, std::span<const double> weights, std::span<float> result) {
  HEARSAY_CHECK(weights.size() == rows.size());
  std::vector<WeightedVector> terms;
  terms.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (weights[i] != 0.0) terms.push_back({static_cast<float>(weights[i]), rows[i]});
  }
  if (terms.empty()) {
    std::ranges::fill(result, 0.0F);
  } else {
    linear_combination(terms, result);
  }
}

std::vector<double> mean_weights(std::size_t n, std::span<const std::size_t> members) {
  HEARSAY_CHECK(!members.empty());
  std::vector<double> weights(n, 0.0);
  for (const std::size_t i : members) weights[i] = 1.0 / static_cast<double>(members.size());
  return weights;
}

}  // namespace hearsay

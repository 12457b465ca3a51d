#include "aggregators/weighting_rule.hpp"

#include <algorithm>
#include <numeric>

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

std::vector<std::size_t> smallest(std::span<const double> keys, std::size_t count) {
  HEARSAY_CHECK(count <= keys.size());
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  order.resize(count);
  return order;
}

}  // namespace hearsay

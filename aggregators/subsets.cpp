#include "aggregators/subsets.hpp"

#include <algorithm>

#include "aggregators/input_vectors.hpp"
#include "node/base/check.hpp"

namespace hearsay {

std::int64_t count_subsets(int n, int k, std::int64_t limit) {
  HEARSAY_CHECK(0 <= k);
  HEARSAY_CHECK(k <= n);
  HEARSAY_CHECK(limit <= kMostSubsets);
  k = std::min(k, n - k);
  std::int64_t count = 1;
  for (int i = 1; i <= k; ++i) {
    // Exact: the product of i neighboring integers is divisible by i!.
    count = count * (n - k + i) / i;
    if (count > limit) return limit + 1;
  }
  return count;
}

bool next_subset(std::vector<std::size_t>& subset, std::size_t n) {
  const std::size_t k = subset.size();
  for (std::size_t i = k; i-- > 0;) {
    if (subset[i] == n - k + i) continue;
    ++subset[i];
    for (std::size_t j = i + 1; j < k; ++j) subset[j] = subset[j - 1] + 1;
    return true;
  }
  return false;
}

std::optional<std::string> subsets_infeasible(std::string_view rule, int n, int f,
                                              std::int64_t limit) {
  if (const auto few = too_few_inputs(rule, n, f, "2f + 1", 2 * f + 1)) return few;
  if (count_subsets(n, f, limit) <= limit) return std::nullopt;
  return std::string(rule) + ": n = " + std::to_string(n) +
         " inputs have more subsets of n - f = " + std::to_string(n - f) +
         " than max_subsets = " + std::to_string(limit);
}

}  // namespace hearsay

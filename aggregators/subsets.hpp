#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay {

/// Largest limit on numbers of subsets.
inline constexpr std::int64_t kMostSubsets = 1'000'000'000;

/// n over k, or `limit` + 1 if it exceeds the limit.
/// REQUIRES: 0 <= k <= n; 0 <= limit <= kMostSubsets.
std::int64_t count_subsets(int n, int k, std::int64_t limit);

/// Advances to the next subset of {0, ..., n - 1} in lexicographic order; false after the
/// last. REQUIRES: `subset` ascends.
bool next_subset(std::vector<std::size_t>& subset, std::size_t n);

/// Why a rule that tries all subsets of n - f inputs cannot work on n: too few of them (below
/// 2f + 1), or more subsets than the limit.
std::optional<std::string> subsets_infeasible(std::string_view rule, int n, int f,
                                              std::int64_t limit);

}  // namespace hearsay

#pragma once

#include <span>
#include <vector>

#include "aggregators/sorting_network.hpp"

namespace hearsay {

/// n vectors of equal length, as rows of a matrix.
using Rows = std::span<const std::span<const float>>;

/// Kernels that treat every coordinate alone. They read memory once and work on blocks that
/// stay in the first-level cache, several coordinates per instruction: values become integers
/// of the same order (so that -0 < 0), which a selection network puts into place. The bits do
/// not depend on the instruction set. All sums are in double. Finite values give finite ones.
/// REQUIRES, for all: at least one row, each of result.size().

/// Per coordinate the middle value, or (a + b) / 2 of both middle ones if n is even.
void coordinate_median(Rows rows, std::span<float> result);

/// Per coordinate the mean of the values of the ranks kept.
/// REQUIRES: 0 <= kept.first < kept.last <= n.
void coordinate_rank_mean(Rows rows, RankRange kept, std::span<float> result);

/// Which of several equally near values are taken: those of earlier rows, or those that NumPy's
/// selection puts first (numpy_partition.hpp).
enum class TieOrder { kEarlierRows, kNumpy };

/// Per coordinate the mean of the `keep` values with the smallest |x_i - c|, taken in float32,
/// where c is the mean of the values of the ranks `center`. Coordinates where a tie between
/// different values must be broken take many times as long.
/// REQUIRES: 1 <= keep <= n; 0 <= center.first < center.last <= n.
void coordinate_nearest_mean(Rows rows, RankRange center, int keep, TieOrder ties,
                             std::span<float> result);

/// The ranks whose mean is the median of n values.
constexpr RankRange median_ranks(int n) { return {(n - 1) / 2, n / 2 + 1}; }

/// The share that each row has in such a mean: entry i is the mean over all coordinates of
/// the weight of the rank that row i's value has there, by value or, unless `center` is empty,
/// by distance from it; equal ones are ranked by row. O(n^2) per coordinate, for the report only.
/// REQUIRES: rank_weights.size() == n.
std::vector<double> coordinate_shares(Rows rows, std::span<const float> center,
                                      std::span<const double> rank_weights);

}  // namespace hearsay

#include "aggregators/coordinate_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "node/base/rng.hpp"
#include "tests/reference/reference_rules.hpp"

namespace hearsay {
namespace {

using Vector = std::vector<float>;

constexpr float kLargest = std::numeric_limits<float>::max();

std::vector<std::span<const float>> spans(const std::vector<Vector>& rows) {
  return {rows.begin(), rows.end()};
}

// Quarters between -2 and 2: many ties, and sums without rounding.
std::vector<Vector> tied_rows(std::size_t n, std::size_t d, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Vector> rows(n, Vector(d));
  for (Vector& row : rows) {
    for (float& value : row) value = 0.25F * static_cast<float>(rng.below(17)) - 2.0F;
  }
  return rows;
}

reference::Vecs exact(const std::vector<Vector>& rows) {
  reference::Vecs vectors;
  for (const Vector& row : rows) vectors.emplace_back(row.begin(), row.end());
  return vectors;
}

void expect_equal(const Vector& result, const reference::Vec& expected) {
  ASSERT_EQ(result.size(), expected.size());
  for (std::size_t k = 0; k < result.size(); ++k) {
    ASSERT_EQ(result[k], static_cast<float>(expected[k])) << "coordinate " << k;
  }
}

TEST(CoordinateKernels, AgreeWithSortingForAllSizes) {
  for (std::size_t n = 1; n <= 40; ++n) {
    for (const std::size_t d : {1U, 15U, 16U, 63U, 64U, 65U, 300U}) {
      const std::vector<Vector> rows = tied_rows(n, d, 100 * n + d);
      Vector result(d);
      coordinate_median(spans(rows), result);
      expect_equal(result, reference::coordinate_median(exact(rows)));
      const std::size_t f = (n - 1) / 3;
      coordinate_rank_mean(spans(rows), {static_cast<int>(f), static_cast<int>(n - f)}, result);
      expect_equal(result, reference::trimmed_mean(exact(rows), f));
      coordinate_nearest_mean(spans(rows), median_ranks(static_cast<int>(n)),
                              static_cast<int>(n - f), TieOrder::kEarlierRows, result);
      expect_equal(result, reference::meamed(exact(rows), f));
    }
  }
}

TEST(CoordinateKernels, PreferEarlierRowsAmongEquallyNear) {
  // The median is 2; 1 and 3 are as far away, 3 came first. (2 + 3) / 2.
  const std::vector<Vector> rows{{3}, {2}, {1}};
  Vector result(1);
  coordinate_nearest_mean(spans(rows), median_ranks(3), 2, TieOrder::kEarlierRows, result);
  EXPECT_EQ(result[0], 2.5F);
}

TEST(CoordinateKernels, StayFiniteAtTheEndsOfTheRange) {
  const std::vector<Vector> rows{{kLargest, -kLargest}, {kLargest, kLargest}, {kLargest, -0.0F}};
  Vector result(2);
  coordinate_rank_mean(spans(rows), {0, 3}, result);
  EXPECT_EQ(result, (Vector{kLargest, 0.0F}));
  coordinate_median(spans(rows), result);
  EXPECT_EQ(result, (Vector{kLargest, 0.0F}));
  // The distance of both ends is infinite in float32, but they are left out.
  coordinate_nearest_mean(spans(rows), median_ranks(3), 1, TieOrder::kEarlierRows, result);
  EXPECT_EQ(result, (Vector{kLargest, 0.0F}));
}

TEST(CoordinateKernels, SharesAreThoseOfRanks) {
  // Ranks by value, coordinate 0: rows 1, 0, 2; coordinate 1: rows 0, 1 (equal, by row), 2.
  const std::vector<Vector> rows{{2, 5}, {1, 5}, {3, 9}};
  const std::vector<double> weights{0.5, 0.25, 0.25};
  EXPECT_EQ(coordinate_shares(spans(rows), {}, weights), (std::vector<double>{0.375, 0.375, 0.25}));
  // By distance from (3, 9): rows 2, 0, 1 and rows 2, 0, 1.
  EXPECT_EQ(coordinate_shares(spans(rows), Vector{3, 9}, weights),
            (std::vector<double>{0.25, 0.25, 0.5}));
}

TEST(CoordinateKernels, SharesAgreeWithSortingForManyCoordinates) {
  constexpr std::size_t kCoordinates = 600;
  const std::vector<Vector> rows = tied_rows(7, kCoordinates, 1);
  const std::vector<double> weights{0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.015625};
  std::vector<double> expected(rows.size(), 0.0);
  for (std::size_t k = 0; k < kCoordinates; ++k) {
    std::vector<std::pair<float, std::size_t>> ranked;
    for (std::size_t i = 0; i < rows.size(); ++i) ranked.emplace_back(rows[i][k], i);
    std::ranges::sort(ranked);
    for (std::size_t r = 0; r < ranked.size(); ++r) expected[ranked[r].second] += weights[r];
  }
  for (double& share : expected) share /= static_cast<double>(kCoordinates);
  EXPECT_EQ(coordinate_shares(spans(rows), {}, weights), expected);
}

}  // namespace
}  // namespace hearsay

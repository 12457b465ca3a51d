#include "aggregators/flag.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "node/base/rng.hpp"
#include "tests/aggregators/combine.hpp"
#include "tests/reference/reference_flag.hpp"

namespace hearsay {
namespace {

// Three alike and an outlier. The expected numbers were computed from the columns in
// double, with another eigensolver.
const std::vector<Vector> kFour{{3, 0.3F, 0}, {2.7F, -0.3F, 0.3F}, {3.3F, 0, -0.3F}, {-6, 9, 15}};

Vector flag(const FlagOptions& options, const std::vector<Vector>& rows = kFour) {
  return combine(*make_aggregator(options), rows);
}

void expect_near(const Vector& result, const Vector& expected, float tolerance) {
  ASSERT_EQ(result.size(), expected.size());
  for (std::size_t k = 0; k < result.size(); ++k) EXPECT_NEAR(result[k], expected[k], tolerance);
}

TEST(Flag, OneDirectionLeavesTheOutlierOut) {
  expect_near(flag({.m = 1, .iterations = 20, .tolerance = 0}), {0.54848F, 0.00216F, -0.03052F},
              2e-5F);
}

TEST(Flag, TwoDirectionsKeepIt) {
  expect_near(flag({.m = 2, .iterations = 20, .tolerance = 0}), {0.74481F, 2.34161F, 3.69296F},
              2e-5F);
}

TEST(Flag, OfUnitVectors) {
  expect_near(flag({.m = 2, .tolerance = 0, .normalize = true}), {0.661655F, 0.153360F, 0.186254F},
              2e-5F);
  // Positive factors of single vectors change nothing, and p/m is the divisors' ratio.
  std::vector<Vector> scaled = kFour;
  for (float& value : scaled[1]) value *= 7.0F;
  const FlagOptions by_dimension{
      .m = 2, .tolerance = 0, .normalize = true, .divisor = FlagOptions::Divisor::kDimension};
  expect_near(flag(by_dimension, scaled), {2 * 0.661655F, 2 * 0.153360F, 2 * 0.186254F}, 4e-5F);
}

TEST(Flag, OfEnoughDirectionsIsTheMean) {
  // m >= rank: the projection changes nothing. (3 + 2.7 + 3.3 - 6) / 4, 9 / 4, 15 / 4.
  expect_near(flag({.m = 3}), {0.75F, 2.25F, 3.75F}, 1e-5F);
  expect_near(flag({.m = 50}), {0.75F, 2.25F, 3.75F}, 1e-5F);
}

TEST(Flag, CommutesWithRotations) {
  const float c = std::cos(0.7F);
  const float s = std::sin(0.7F);
  std::vector<Vector> turned;
  for (const Vector& g : kFour) turned.push_back({c * g[0] - s * g[2], g[1], s * g[0] + c * g[2]});
  for (const double lambda : {0.0, 2.0}) {
    const FlagOptions options{.m = 2, .lambda = lambda};
    const Vector d = flag(options);
    expect_near(flag(options, turned), {c * d[0] - s * d[2], d[1], s * d[0] + c * d[2]}, 1e-4F);
  }
}

TEST(Flag, PairsPullTowardsWhatDiffers) {
  // Along (1, 0) two vectors agree, up to a small difference along (0, 1). With pairs weighing
  // much, the one direction kept is that of the difference: its columns are unit vectors too.
  const std::vector<Vector> rows{{1, 0.1F}, {1, -0.1F}};
  expect_near(flag({.m = 1}, rows), {1, 0}, 1e-4F);
  expect_near(flag({.m = 1, .lambda = 100}, rows), {0, 0}, 1e-3F);
}

TEST(Flag, AgreesWithASingularValueDecomposition) {
  Rng rng(3);
  for (const std::size_t n : {3U, 5U, 12U, 40U}) {
    for (const std::size_t d : {2U, 30U, 300U}) {
      std::vector<Vector> rows(n, Vector(d));
      for (Vector& row : rows) {
        for (float& value : row) value = static_cast<float>(rng.normal() + 0.5);
      }
      for (const auto& [m, lambda] : {std::pair(1, 0.0), std::pair(2, 0.0), std::pair(2, 3.0)}) {
        if (lambda > 0.0 && n * d > 3000) continue;  // n^2 columns: minutes.
        const FlagOptions options{.m = m, .iterations = 3, .tolerance = 0.0, .lambda = lambda};
        const reference::Vec expected =
            reference::flag(to_reference(rows), static_cast<std::size_t>(m), 3, lambda);
        const Vector result = flag(options, rows);
        for (std::size_t k = 0; k < d; ++k) ASSERT_NEAR(result[k], expected[k], 2e-5) << n << d;
      }
      // Twice the same vector among them.
      rows[n - 1] = rows[0];
      const Vector result = flag({.m = 2, .iterations = 3, .tolerance = 0.0}, rows);
      const reference::Vec expected = reference::flag(to_reference(rows), 2, 3, 0.0);
      for (std::size_t k = 0; k < d; ++k) ASSERT_NEAR(result[k], expected[k], 2e-5) << n << d;
    }
  }
}

TEST(Flag, OfZeroVectorsIsZero) {
  EXPECT_EQ(flag({}, {{0, 0}, {0, 0}, {0, 0}}), (Vector{0, 0}));
  // A zero vector counts in the divisor only: half of (2, 0).
  expect_near(flag({}, {{2, 0}, {0, 0}}), {1, 0}, 1e-6F);
}

}  // namespace
}  // namespace hearsay

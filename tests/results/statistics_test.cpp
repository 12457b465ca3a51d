#include "results/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "node/base/rng.hpp"

namespace hearsay {
namespace {

using Values = std::vector<double>;

TEST(Statistics, OfFiveNumbers) {
  // Mean 111 / 5 = 22.2; squares about it: 492.84 + 449.44 + 331.24 + 262.44 + 6052.84
  // = 7588.8, over 4: 1897.2.
  const Values values = {100.0, 4.0, 0.0, 6.0, 1.0};
  EXPECT_DOUBLE_EQ(mean_of(values), 22.2);
  EXPECT_DOUBLE_EQ(sd_of(values), std::sqrt(1897.2));
  EXPECT_EQ(min_of(values), 0.0);
  EXPECT_EQ(max_of(values), 100.0);
}

TEST(Statistics, PercentilesInterpolateBetweenOrderStatistics) {
  // Sorted 0 1 4 6 100, h = 4 p / 100: p = 10: h = 0.4, 0 + 0.4 * 1; p = 90: h = 3.6,
  // 6 + 0.6 * 94 = 62.4; p = 30: h = 1.2, 1 + 0.2 * 3 = 1.6.
  const Values values = {100.0, 4.0, 0.0, 6.0, 1.0};
  EXPECT_DOUBLE_EQ(percentile_of(values, 0), 0.0);
  EXPECT_DOUBLE_EQ(percentile_of(values, 10), 0.4);
  EXPECT_DOUBLE_EQ(percentile_of(values, 30), 1.6);
  EXPECT_DOUBLE_EQ(percentile_of(values, 50), 4.0);
  EXPECT_DOUBLE_EQ(percentile_of(values, 90), 62.4);
  EXPECT_DOUBLE_EQ(percentile_of(values, 100), 100.0);
  EXPECT_DOUBLE_EQ(percentile_of(Values{1.0, 2.0}, 50), 1.5);
}

TEST(Statistics, OfOneNumber) {
  const Values one = {3.5};
  EXPECT_EQ(mean_of(one), 3.5);
  EXPECT_EQ(sd_of(one), 0.0);
  EXPECT_EQ(percentile_of(one, 95), 3.5);
}

TEST(Statistics, OfNothingAndOfMissingNumbersAreMissing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Values& values : {Values{}, Values{nan}, Values{1.0, nan, 2.0}}) {
    EXPECT_TRUE(std::isnan(mean_of(values)));
    EXPECT_TRUE(std::isnan(sd_of(values)));
    EXPECT_TRUE(std::isnan(min_of(values)));
    EXPECT_TRUE(std::isnan(max_of(values)));
    EXPECT_TRUE(std::isnan(percentile_of(values, 50)));
  }
}

TEST(Statistics, PercentilesDoNotDependOnTheOrderAndRise) {
  Values values(101);
  Rng rng(1);
  for (double& value : values) value = rng.normal();
  Values shuffled = values;
  rng.shuffle(std::span(shuffled));
  double previous = min_of(values);
  for (int p = 0; p <= 100; ++p) {
    const double percentile = percentile_of(values, p);
    EXPECT_EQ(percentile, percentile_of(shuffled, p));
    EXPECT_GE(percentile, previous);
    previous = percentile;
  }
  EXPECT_EQ(previous, max_of(values));
}

TEST(Statistics, SdDoesNotCancelFarFromZero) {
  // The same as of 0, 1, 2: 1.
  EXPECT_DOUBLE_EQ(sd_of(Values{1e9, 1e9 + 1.0, 1e9 + 2.0}), 1.0);
}

}  // namespace
}  // namespace hearsay

#include "results/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

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

PeerRow row(int seconds, PeerId peer, double accuracy) {
  return {.time = SimTime::from_seconds(seconds), .peer = peer, .accuracy = accuracy};
}

// Four honest peers, evaluated at 10, 20 and 30 s; 0.5 is reached by peer 0 at 10 s (and
// lost again), by peer 1 at 20 s, by peer 2 exactly at 30 s, by peer 3 never.
std::vector<PeerRow> rows_of_four_peers() {
  return {row(10, 0, 0.6), row(10, 1, 0.4), row(10, 2, 0.1), row(10, 3, 0.1),
          row(20, 0, 0.4), row(20, 1, 0.7), row(20, 2, 0.2), row(20, 3, 0.2),
          row(30, 0, 0.6), row(30, 1, 0.8), row(30, 2, 0.5), row(30, 3, 0.4)};
}

TEST(TimeToAccuracy, CensorsPeersThatNeverReachTheTarget) {
  // Over 10, 20, 30: mean 20, median 20, p95: h = 1.9, 20 + 0.9 * 10 = 29.
  const TimeToAccuracy time = time_to_accuracy(rows_of_four_peers(), 0.5);
  EXPECT_EQ(time.target, 0.5);
  EXPECT_DOUBLE_EQ(time.node_averaged_s, 20.0);
  EXPECT_DOUBLE_EQ(time.median_s, 20.0);
  EXPECT_DOUBLE_EQ(time.p95_s, 29.0);
  EXPECT_DOUBLE_EQ(time.slowest_s, 30.0);
  EXPECT_DOUBLE_EQ(time.fraction_reached, 0.75);
}

TEST(TimeToAccuracy, MeanAndMedianDiffer) {
  // 10, 10 and 40 s: mean 20, median 10.
  const std::vector<PeerRow> rows = {row(10, 0, 0.9), row(10, 1, 0.9), row(10, 2, 0.0),
                                     row(40, 0, 0.9), row(40, 1, 0.9), row(40, 2, 0.9)};
  const TimeToAccuracy time = time_to_accuracy(rows, 0.9);
  EXPECT_DOUBLE_EQ(time.node_averaged_s, 20.0);
  EXPECT_DOUBLE_EQ(time.median_s, 10.0);
  EXPECT_DOUBLE_EQ(time.fraction_reached, 1.0);
}

TEST(TimeToAccuracy, IsMissingIfNobodyReachesTheTarget) {
  const TimeToAccuracy time = time_to_accuracy(rows_of_four_peers(), 0.95);
  EXPECT_TRUE(std::isnan(time.node_averaged_s));
  EXPECT_TRUE(std::isnan(time.median_s));
  EXPECT_TRUE(std::isnan(time.p95_s));
  EXPECT_TRUE(std::isnan(time.slowest_s));
  EXPECT_EQ(time.fraction_reached, 0.0);
  EXPECT_EQ(time_to_accuracy({}, 0.5).fraction_reached, 0.0);
}

TEST(TimeToAccuracy, LeavesOutPeersThatAreNotHonest) {
  std::vector<PeerRow> rows = rows_of_four_peers();
  rows.push_back(row(5, 4, 1.0));
  rows.back().role = "adversary";
  const TimeToAccuracy time = time_to_accuracy(rows, 0.5);
  EXPECT_DOUBLE_EQ(time.node_averaged_s, 20.0);
  EXPECT_DOUBLE_EQ(time.fraction_reached, 0.75);
}

TEST(TimeToAccuracy, CountsAPeerWithoutAnyAccuracyAsCensored) {
  const std::vector<PeerRow> rows = {row(10, 0, 0.9), row(10, 7, kMissing)};
  EXPECT_DOUBLE_EQ(time_to_accuracy(rows, 0.5).fraction_reached, 0.5);
}

TEST(TimeToAccuracy, OfSeveralTargetsIsThatOfEach) {
  TargetTimes times({0.5, 0.7});
  for (const PeerRow& peer_row : rows_of_four_peers()) times.record(peer_row);
  const auto results = times.results();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].target, 0.5);
  EXPECT_DOUBLE_EQ(results[0].slowest_s, 30.0);
  EXPECT_EQ(results[1].target, 0.7);
  EXPECT_DOUBLE_EQ(results[1].slowest_s, 20.0);
  EXPECT_DOUBLE_EQ(results[1].fraction_reached, 0.25);
}

}  // namespace
}  // namespace hearsay

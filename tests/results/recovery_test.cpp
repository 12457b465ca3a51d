#include "results/recovery.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hearsay {
namespace {

MetricsRow row(double seconds, double accuracy) {
  return {.time = SimTime::from_seconds(seconds), .accuracy_mean = accuracy};
}

Recovery after(std::span<const MetricsRow> rows, double seconds, double tolerance = 0.01) {
  const FaultMoment fault{.time = SimTime::from_seconds(seconds), .label = "crash"};
  return recoveries(rows, {&fault, 1}, tolerance).front();
}

// Falls after 20 s, comes back by steps and beyond.
const std::vector<MetricsRow> kRows = {row(10, 0.6), row(20, 0.8),   row(30, 0.5), row(40, 0.45),
                                       row(50, 0.7), row(60, 0.795), row(70, 0.9)};

TEST(Recovery, IsTheFirstRowBackAtTheFormerAccuracyLessTheTolerance) {
  // Before 25 s: 0.8. 0.795 >= 0.8 - 0.01 at 60 s, 35 s after the fault.
  const Recovery recovery = after(kRows, 25);
  EXPECT_EQ(recovery.fault, "crash");
  EXPECT_EQ(recovery.time_s, 25.0);
  EXPECT_EQ(recovery.accuracy_before, 0.8);
  EXPECT_EQ(recovery.accuracy_lowest, 0.45);
  EXPECT_EQ(recovery.recovery_s, 35.0);
  // Without tolerance it takes until 0.9 at 70 s.
  EXPECT_EQ(after(kRows, 25, 0.0).recovery_s, 45.0);
}

TEST(Recovery, ARowAtTheTimeOfTheFaultComesAfterIt) {
  // At 20 s the last row before is that at 10 s, and 0.8 is already more.
  const Recovery recovery = after(kRows, 20);
  EXPECT_EQ(recovery.accuracy_before, 0.6);
  EXPECT_EQ(recovery.recovery_s, 0.0);
  EXPECT_EQ(recovery.accuracy_lowest, 0.8);
}

TEST(Recovery, IsMissingIfTheRunEndsBelow) {
  const Recovery recovery = after(std::span(kRows).first(5), 25);
  EXPECT_EQ(recovery.accuracy_before, 0.8);
  EXPECT_EQ(recovery.accuracy_lowest, 0.45);
  EXPECT_TRUE(std::isnan(recovery.recovery_s));
}

TEST(Recovery, IsMissingIfNothingWasMeasuredBeforeOrAfter) {
  const Recovery first = after(kRows, 5);
  EXPECT_TRUE(std::isnan(first.accuracy_before));
  EXPECT_TRUE(std::isnan(first.recovery_s));
  const Recovery last = after(kRows, 75);
  EXPECT_EQ(last.accuracy_before, 0.9);
  EXPECT_TRUE(std::isnan(last.accuracy_lowest));
  EXPECT_TRUE(std::isnan(last.recovery_s));
  EXPECT_TRUE(std::isnan(after({}, 5).recovery_s));
}

TEST(Recovery, PassesOverRowsWithoutAccuracy) {
  const std::vector<MetricsRow> rows = {row(10, 0.8), row(20, kMissing), row(30, kMissing),
                                        row(40, 0.5), row(50, 0.8)};
  const Recovery recovery = after(rows, 25);
  EXPECT_EQ(recovery.accuracy_before, 0.8);
  EXPECT_EQ(recovery.accuracy_lowest, 0.5);
  EXPECT_EQ(recovery.recovery_s, 25.0);
}

TEST(Recovery, OfSeveralFaultsIsThatOfEachInTheirOrder) {
  const std::vector<FaultMoment> faults = {{SimTime::from_seconds(25), "a"},
                                           {SimTime::from_seconds(15), "b"}};
  const auto result = recoveries(kRows, faults);
  ASSERT_EQ(result.size(), 2U);
  EXPECT_EQ(result[0].fault, "a");
  EXPECT_EQ(result[0].recovery_s, 35.0);
  EXPECT_EQ(result[1].fault, "b");
  EXPECT_EQ(result[1].recovery_s, 5.0);
}

}  // namespace
}  // namespace hearsay

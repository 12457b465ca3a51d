#include "node/net/silence_detector.hpp"

#include <gtest/gtest.h>

namespace hearsay {
namespace {

constexpr SilenceOptions kOptions{.k = 3.0, .shortest = {10}, .longest = {100'000}};

SilenceDetector after_gaps(std::initializer_list<std::int64_t> gaps) {
  SilenceDetector detector(kOptions, SimTime{});
  SimTime now{1000};
  detector.hear(now);
  for (const std::int64_t gap : gaps) {
    now = now + SimTime{gap};
    detector.hear(now);
  }
  return detector;
}

TEST(SilenceDetector, WaitsLongestBeforeItKnowsTheGaps) {
  EXPECT_EQ(after_gaps({50, 50, 50}).deadline(), SimTime{100'000});
  EXPECT_LT(after_gaps({50, 50, 50, 50}).deadline(), SimTime{100'000});
}

TEST(SilenceDetector, AddsDeviationsToTheMedian) {
  // Sorted 80 90 100 130 500: median 100; deviations 0 10 20 30 400: MAD 20; 100 + 3 * 20.
  // Mean and standard deviation would give 180 and beyond 700.
  EXPECT_EQ(after_gaps({500, 80, 130, 100, 90}).deadline(), SimTime{160});
}

TEST(SilenceDetector, StaysWithinItsBounds) {
  EXPECT_EQ(after_gaps({1, 1, 1, 1, 1}).deadline(), SimTime{10});
  EXPECT_EQ(after_gaps({90'000, 100, 90'000, 100, 90'000}).deadline(), SimTime{90'000});
  EXPECT_EQ(after_gaps({500'000, 500'000, 500'000, 500'000}).deadline(), SimTime{100'000});
}

TEST(SilenceDetector, ForgetsOldGaps) {
  SilenceDetector detector(kOptions, SimTime{});
  SimTime now;
  for (int i = 0; i < 100; ++i) {
    now = now + SimTime{i < 60 ? 5000 : 50};
    detector.hear(now);
  }
  EXPECT_EQ(detector.deadline(), SimTime{50});
}

TEST(SilenceDetector, CallsLostWhatIsSilentBeyondTheDeadline) {
  SilenceDetector detector = after_gaps({50, 50, 50, 50});  // Heard last at 1200.
  EXPECT_FALSE(detector.is_lost(SimTime{1250}));
  EXPECT_TRUE(detector.is_lost(SimTime{1251}));
  detector.hear(SimTime{9000});
  EXPECT_FALSE(detector.is_lost(SimTime{9050}));
}

}  // namespace
}  // namespace hearsay

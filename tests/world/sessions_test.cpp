#include "node/world/sessions.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hearsay {
namespace {

constexpr std::size_t kNoLimit = 1'000'000;

SimTime seconds(double value) { return SimTime::from_seconds(value); }

/// What many peers' sessions add up to.
struct Totals {
  double on = 0.0;        ///< Of on times that began after the start, in seconds.
  double off = 0.0;       ///< Of all off times but a first one.
  double first_on = 0.0;  ///< What was left of the on time at the start.
  int sessions = 0;
  int up_at_start = 0;
  int up_later = 0;  ///< At `probe`.
};

/// Peers' first 30 off times each.
Totals totals_of(const SessionOptions& options, SessionStart start, SimTime probe, int num_peers) {
  Totals totals;
  for (int peer = 0; peer < num_peers; ++peer) {
    const auto downs = draw_down_times(options, start, SimTime::max(), 30,
                                       Rng(7).split("peer", static_cast<std::uint64_t>(peer)));
    const bool up = downs[0].begin >= SimTime{};
    totals.up_at_start += up ? 1 : 0;
    if (up) totals.first_on += downs[0].begin.seconds();
    totals.up_later += any_within(downs, probe, probe) ? 0 : 1;
    for (std::size_t i = 1; i < downs.size(); ++i) {
      totals.on += (downs[i].begin - downs[i - 1].end).seconds();
      totals.off += (downs[i].end - downs[i].begin).seconds();
      ++totals.sessions;
    }
  }
  return totals;
}

struct Case {
  SessionOptions options;
  double mean_on;       ///< By hand.
  double mean_left;     ///< E[L^2] / (2 E[L]): what is left on average when stationary.
  double on_deviation;  ///< Standard deviation of an on time.
};

std::vector<Case> renewal_cases() {
  return {
      {ExponentialSessions{seconds(10), seconds(5)}, 10, 10, 10},
      // Shape 1/2: mean scale * Gamma(3) = 2 scale, second moment scale^2 * Gamma(5) = 24,
      // so 24 / 4 = 6 are left; variance 24 - 4 = 20.
      {WeibullSessions{0.5, seconds(4), seconds(2)}, 8, 24, 4 * std::sqrt(20.0)},
      // Shape 4: mean 4/3 scale, second moment 4/2 scale^2, so 2 / (8/3) = 3/4 are left;
      // variance 2 - 16/9 = 2/9.
      {ParetoSessions{4.0, seconds(6), seconds(8)}, 8, 4.5, 6 * std::sqrt(2.0 / 9.0)},
  };
}

TEST(Sessions, OnAndOffTimesHaveTheirMeans) {
  constexpr int kPeers = 2000;
  for (const auto& [options, mean_on, mean_left, deviation] : renewal_cases()) {
    const Totals totals = totals_of(options, SessionStart::kUp, seconds(1), kPeers);
    const double off = std::visit(
        [](const auto& chosen) {
          if constexpr (requires { chosen.off; }) return chosen.off.seconds();
          return 0.0;
        },
        options);
    ASSERT_EQ(totals.sessions, kPeers * 29);
    const double root = std::sqrt(static_cast<double>(totals.sessions));
    EXPECT_NEAR(totals.on / totals.sessions, mean_on, 5 * deviation / root);
    EXPECT_NEAR(totals.off / totals.sessions, off, 5 * off / root);
    EXPECT_EQ(totals.up_at_start, kPeers);
  }
}

TEST(Sessions, AStationaryStartStaysStationary) {
  constexpr int kPeers = 20'000;
  for (const auto& [options, mean_on, mean_left, deviation] : renewal_cases()) {
    const Totals totals = totals_of(options, SessionStart::kStationary, seconds(7), kPeers);
    const double off = totals.off / totals.sessions;
    const double share = mean_on / (mean_on + off);
    // Five standard deviations of a share of 20,000 are at most 5 * 0.5 / 141 = 0.018.
    EXPECT_NEAR(totals.up_at_start / double{kPeers}, share, 0.018);
    EXPECT_NEAR(totals.up_later / double{kPeers}, share, 0.018);
    EXPECT_NEAR(totals.first_on / totals.up_at_start, mean_left, 0.12 * mean_left);
  }
}

TEST(Sessions, AnUpStartIsNotStationary) {
  // One exponential on time of mean 10 has ended by 1 with probability 1 - exp(-0.1) < 0.1.
  const Totals totals = totals_of(ExponentialSessions{seconds(10), seconds(5)}, SessionStart::kUp,
                                  seconds(1), 20'000);
  EXPECT_GT(totals.up_later, 18'000);
}

TEST(Sessions, DiurnalPeersAreOnForTheirShareOfEveryPeriod) {
  const DiurnalSessions options{.period = seconds(10), .up = {0.3}};
  int up_at_start = 0;
  for (int peer = 0; peer < 1000; ++peer) {
    const auto downs = draw_down_times(options, SessionStart::kStationary, seconds(100), kNoLimit,
                                       Rng(1).split("peer", static_cast<std::uint64_t>(peer)));
    ASSERT_GE(downs.size(), 10U);
    up_at_start += downs[0].begin >= SimTime{} ? 1 : 0;
    for (std::size_t i = 1; i < downs.size(); ++i) {
      EXPECT_EQ(downs[i].end - downs[i].begin, seconds(7));
      EXPECT_EQ(downs[i].begin - downs[i - 1].end, seconds(3));
    }
    EXPECT_LT(downs.back().begin, seconds(100));
    EXPECT_GE(downs.back().begin, seconds(90));
  }
  EXPECT_NEAR(up_at_start, 300, 75);  // Five standard deviations.
  for (int peer = 0; peer < 50; ++peer) {
    const auto downs = draw_down_times(options, SessionStart::kUp, seconds(100), kNoLimit,
                                       Rng(1).split("peer", static_cast<std::uint64_t>(peer)));
    EXPECT_GT(downs[0].begin, SimTime{});
    EXPECT_LE(downs[0].begin, seconds(3));
  }
}

TEST(Sessions, EndWithTheTimeOrTheLimit) {
  const SessionOptions options = ExponentialSessions{seconds(1), seconds(1)};
  const auto all = draw_down_times(options, SessionStart::kUp, seconds(100), kNoLimit, Rng(3));
  EXPECT_LT(all.back().begin, seconds(100));
  const auto few = draw_down_times(options, SessionStart::kUp, seconds(100), 5, Rng(3));
  EXPECT_EQ(few, std::vector<TimeInterval>(all.begin(), all.begin() + 5));
  const auto longer = draw_down_times(options, SessionStart::kUp, seconds(200), kNoLimit, Rng(3));
  EXPECT_EQ(all, std::vector<TimeInterval>(
                     longer.begin(), longer.begin() + static_cast<std::ptrdiff_t>(all.size())));
  EXPECT_TRUE(draw_down_times(options, SessionStart::kUp, SimTime{}, kNoLimit, Rng(3)).empty());
}

}  // namespace
}  // namespace hearsay

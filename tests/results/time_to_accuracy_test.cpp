#include "results/time_to_accuracy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/rng.hpp"
#include "results/statistics.hpp"

namespace hearsay {
namespace {

constexpr TargetHold kNoHold{.evaluations = 0, .tolerance = 0.0};

// Round, seconds / 10 and bytes / 100 are the same number.
PeerRow row(int round, PeerId peer, double accuracy) {
  return {.round = round,
          .time = SimTime::from_seconds(10 * round),
          .peer = peer,
          .accuracy = accuracy,
          .bytes_received = 100 * round};
}

// One list of accuracies per peer, at rounds 1, 2, ...
std::vector<PeerRow> rows_of(const std::vector<std::vector<double>>& accuracies) {
  std::vector<PeerRow> rows;
  for (std::size_t k = 0; k < accuracies.front().size(); ++k) {
    for (std::size_t peer = 0; peer < accuracies.size(); ++peer) {
      if (k >= accuracies[peer].size()) continue;
      rows.push_back(row(static_cast<int>(k) + 1, static_cast<PeerId>(peer), accuracies[peer][k]));
    }
  }
  return rows;
}

TimeToAccuracy times_of(const std::vector<PeerRow>& rows, double target, TargetHold hold) {
  TargetTimes times({target}, hold);
  for (const PeerRow& peer_row : rows) times.record(peer_row);
  return times.results().front();
}

// The round at which a single peer with these accuracies reaches 0.5; 0: never.
double round_reached(const std::vector<double>& accuracies, TargetHold hold) {
  const double round = times_of(rows_of({accuracies}), 0.5, hold).rounds.slowest;
  return std::isnan(round) ? 0.0 : round;
}

TEST(TargetTimes, WantTheAccuracyHeldForTheEvaluationsThatFollow) {
  const std::vector<double> accuracies = {0.1, 0.6, 0.495, 0.4, 0.7, 0.8, 0.495, 0.1};
  EXPECT_EQ(round_reached(accuracies, kNoHold), 2.0);
  // One evaluation must follow: 0.495 is below 0.5, but not by more than 0.01.
  EXPECT_EQ(round_reached(accuracies, {.evaluations = 1, .tolerance = 0.0}), 5.0);
  EXPECT_EQ(round_reached(accuracies, {.evaluations = 1, .tolerance = 0.01}), 2.0);
  // Two must follow: 0.4 breaks the first hold, 0.8 and 0.495 keep the second.
  EXPECT_EQ(round_reached(accuracies, {}), 5.0);
  // Three: 0.1 at the end breaks it, and only 0.495 came between.
  EXPECT_EQ(round_reached(accuracies, {.evaluations = 3, .tolerance = 0.01}), 0.0);
}

TEST(TargetTimes, WithinTheToleranceIsNotYetReached) {
  EXPECT_EQ(round_reached({0.495, 0.499, 0.5, 0.5}, {}), 3.0);
}

TEST(TargetTimes, TheEndOfTheRunCutsTheHoldShort) {
  EXPECT_EQ(round_reached({0.1, 0.2, 0.5}, {}), 3.0);
  EXPECT_EQ(round_reached({0.1, 0.5, 0.495}, {}), 2.0);
  EXPECT_EQ(round_reached({0.1, 0.5, 0.4}, {}), 0.0);
}

TEST(TargetTimes, OnceHeldStaysWhateverFollows) {
  EXPECT_EQ(round_reached({0.6, 0.6, 0.6, 0.1, 0.1, 0.1}, {}), 1.0);
}

TEST(TargetTimes, CensoredPeersCountWithTheHorizon) {
  // Rounds 1, 2, 4 and never, in a run of 4: mean of 1, 2, 4, 4 = 2.75; the median lies
  // between 2 and 4, at 3; p95 at h = 2.85 and the slowest depend on the censored peer.
  const auto rows = rows_of(
      {{0.9, 0.9, 0.9, 0.9}, {0.1, 0.9, 0.9, 0.9}, {0.1, 0.1, 0.1, 0.9}, {0.1, 0.1, 0.1, 0.1}});
  const TimeToAccuracy time = times_of(rows, 0.5, {});
  EXPECT_EQ(time.target, 0.5);
  EXPECT_EQ(time.peers, 4);
  EXPECT_EQ(time.censored, 1);
  EXPECT_DOUBLE_EQ(time.fraction_reached, 0.75);
  EXPECT_DOUBLE_EQ(time.rounds.node_averaged, 2.75);
  EXPECT_DOUBLE_EQ(time.rounds.median, 3.0);
  EXPECT_TRUE(std::isnan(time.rounds.p95));
  EXPECT_TRUE(std::isnan(time.rounds.slowest));
  EXPECT_DOUBLE_EQ(time.rounds.straggler_ratio, 2.75 / 4.0);
  // The same in their units on the other clocks.
  EXPECT_DOUBLE_EQ(time.seconds.node_averaged, 27.5);
  EXPECT_DOUBLE_EQ(time.seconds.median, 30.0);
  EXPECT_DOUBLE_EQ(time.bytes_received.node_averaged, 275.0);
  EXPECT_DOUBLE_EQ(time.bytes_received.median, 300.0);
}

TEST(TargetTimes, WithoutCensoredPeersAllPercentilesAreThere) {
  // Rounds 1, 1, 4: mean 2, median 1, p95: h = 1.9, 1 + 0.9 * 3 = 3.7.
  const auto rows = rows_of({{0.9, 0.9, 0.9, 0.9}, {0.9, 0.9, 0.9, 0.9}, {0.1, 0.1, 0.1, 0.9}});
  const TimeToAccuracy time = times_of(rows, 0.5, {});
  EXPECT_DOUBLE_EQ(time.seconds.node_averaged, 20.0);
  EXPECT_DOUBLE_EQ(time.seconds.median, 10.0);
  EXPECT_DOUBLE_EQ(time.seconds.p95, 37.0);
  EXPECT_DOUBLE_EQ(time.seconds.slowest, 40.0);
  EXPECT_DOUBLE_EQ(time.seconds.straggler_ratio, 0.5);
  EXPECT_EQ(time.fraction_reached, 1.0);
}

TEST(TargetTimes, WithoutPeersEverythingIsMissing) {
  const TimeToAccuracy time = times_of({}, 0.5, {});
  EXPECT_EQ(time.peers, 0);
  EXPECT_EQ(time.fraction_reached, 0.0);
  EXPECT_TRUE(std::isnan(time.rounds.node_averaged));
  EXPECT_TRUE(std::isnan(time.rounds.straggler_ratio));
}

TEST(TargetTimes, ADepartedPeerIsCensoredWithTheHorizonOfTheRun) {
  // Peer 1 is gone after round 1 of 4; its bytes stay at 100.
  const TimeToAccuracy time = times_of(rows_of({{0.1, 0.9, 0.9, 0.9}, {0.1}}), 0.5, {});
  EXPECT_EQ(time.peers, 2);
  EXPECT_EQ(time.censored, 1);
  EXPECT_DOUBLE_EQ(time.rounds.node_averaged, (2.0 + 4.0) / 2.0);
  EXPECT_DOUBLE_EQ(time.seconds.node_averaged, (20.0 + 40.0) / 2.0);
  EXPECT_DOUBLE_EQ(time.bytes_received.node_averaged, (200.0 + 100.0) / 2.0);
}

TEST(TargetTimes, APeerThatDepartsBeforeItsFirstEvaluationIsNotForgotten) {
  TargetTimes times({0.5}, {});
  times.start(0);
  times.start(1);
  for (const PeerRow& peer_row : rows_of({{0.1, 0.9, 0.9}})) times.record(peer_row);
  const TimeToAccuracy time = times.results().front();
  EXPECT_EQ(time.peers, 2);
  EXPECT_EQ(time.censored, 1);
  EXPECT_DOUBLE_EQ(time.rounds.node_averaged, (2.0 + 3.0) / 2.0);
}

TEST(TargetTimes, TheClocksOfAJoiningPeerStartAtItsJoin) {
  // Peer 1 joins at round 2, 15 s and 50 bytes; it reaches the target at round 4, 40 s and
  // 400 bytes: 2 rounds, 25 s and 350 bytes after. Peer 0 never does: 5 rounds.
  TargetTimes times({0.5}, {});
  times.start(0);
  times.start(1, {.round = 2, .time = SimTime::from_seconds(15), .bytes_received = 50});
  times.start(1, {.round = 3, .time = SimTime::from_seconds(25), .bytes_received = 60});
  for (int round = 1; round <= 5; ++round) {
    times.record(row(round, 0, 0.1));
    if (round > 2) times.record(row(round, 1, round >= 4 ? 0.9 : 0.1));
  }
  const TimeToAccuracy time = times.results().front();
  EXPECT_DOUBLE_EQ(time.rounds.node_averaged, (5.0 + 2.0) / 2.0);
  EXPECT_DOUBLE_EQ(time.seconds.node_averaged, (50.0 + 25.0) / 2.0);
  EXPECT_DOUBLE_EQ(time.bytes_received.node_averaged, (500.0 + 350.0) / 2.0);
}

TEST(TargetTimes, ACensoredJoinerCountsWithTheTimeSinceItsJoin) {
  TargetTimes times({0.5}, {});
  times.start(0, {.round = 3, .time = SimTime::from_seconds(30), .bytes_received = 0});
  times.record(row(5, 0, 0.1));
  const TimeToAccuracy time = times.results().front();
  EXPECT_DOUBLE_EQ(time.rounds.node_averaged, 2.0);
  EXPECT_DOUBLE_EQ(time.seconds.node_averaged, 20.0);
}

TEST(TargetTimes, AJoinAfterTheLastEvaluationMovesTheHorizon) {
  // Peer 1 joins at round 9 and is never evaluated: the run is 9 rounds long, it took part
  // in none of them.
  TargetTimes times({0.5}, {});
  for (const PeerRow& peer_row : rows_of({{0.1, 0.1}})) times.record(peer_row);
  times.start(1, {.round = 9, .time = SimTime::from_seconds(90), .bytes_received = 0});
  const TimeToAccuracy time = times.results().front();
  EXPECT_EQ(time.censored, 2);
  EXPECT_DOUBLE_EQ(time.rounds.node_averaged, (9.0 + 0.0) / 2.0);
  EXPECT_DOUBLE_EQ(time.seconds.node_averaged, (90.0 + 0.0) / 2.0);
}

TEST(TargetTimes, LeaveOutPeersThatAreNotHonest) {
  std::vector<PeerRow> rows = rows_of({{0.1, 0.9}});
  rows.push_back(row(9, 1, 1.0));
  rows.back().role = "adversary";
  EXPECT_EQ(times_of(rows, 0.5, {}).peers, 1);
  EXPECT_DOUBLE_EQ(times_of(rows, 0.5, {}).rounds.node_averaged, 2.0);
}

TEST(TargetTimes, ARowWithoutAccuracyOrOfADeadPeerIsNoEvaluation) {
  // The hold of two is that of rounds 4 and 5: 0.1 breaks it.
  EXPECT_EQ(round_reached({0.6, kMissing, kMissing, 0.6, 0.1}, {}), 0.0);
  EXPECT_EQ(round_reached({0.6, kMissing, kMissing, 0.6, 0.6}, {}), 1.0);
  std::vector<PeerRow> rows = rows_of({{0.1, 0.9}});
  rows[1].alive = false;
  const TimeToAccuracy time = times_of(rows, 0.5, {});
  EXPECT_EQ(time.censored, 1);
  EXPECT_DOUBLE_EQ(time.rounds.node_averaged, 2.0);
}

TEST(TargetTimes, AllAtZeroAreAlike) {
  const TimeToAccuracy time = times_of({row(0, 0, 0.9), row(0, 1, 0.9)}, 0.5, {});
  EXPECT_EQ(time.seconds.node_averaged, 0.0);
  EXPECT_EQ(time.seconds.straggler_ratio, 1.0);
}

/// A run with joins, departures, slow peers and wavering accuracies.
struct RandomRun {
  std::map<PeerId, ClockReading> starts;
  std::vector<PeerRow> rows;

  explicit RandomRun(std::uint64_t seed) {
    Rng rng(seed);
    const auto peers = static_cast<PeerId>(1 + rng.below(12));
    for (PeerId peer = 0; peer < peers; ++peer) add_peer(peer, rng);
    std::ranges::stable_sort(rows, {}, &PeerRow::time);
  }

  void add_peer(PeerId peer, Rng& rng) {
    ClockReading now;
    if (rng.below(4) == 0) now = {.round = 3, .time = SimTime{7'000}, .bytes_received = 11};
    starts[peer] = now;
    double accuracy = 0.2 * rng.uniform();
    for (std::uint64_t k = rng.below(12); k > 0; --k) {
      now.round += 1 + static_cast<std::int64_t>(rng.below(3));
      now.time = now.time + SimTime{static_cast<std::int64_t>(rng.below(1'000'000'007))};
      now.bytes_received += static_cast<std::int64_t>(rng.below(5'000));
      accuracy = std::clamp(accuracy + 0.3 * (rng.uniform() - 0.3), 0.0, 1.0);
      rows.push_back({.round = now.round,
                      .time = now.time,
                      .peer = peer,
                      .accuracy = accuracy,
                      .bytes_received = now.bytes_received});
    }
  }

  TimeToAccuracy times(double target, TargetHold hold = {}) const {
    TargetTimes times({target}, hold);
    for (const auto& [peer, start] : starts) times.start(peer, start);
    for (const PeerRow& peer_row : rows) times.record(peer_row);
    return times.results().front();
  }
};

constexpr double kNever = std::numeric_limits<double>::infinity();

// tau_i on one clock by its definition, looking back from the end of the run.
double slow_time(const RandomRun& run, PeerId peer, double target, TargetHold hold,
                 double (*clock)(const PeerRow&)) {
  std::vector<PeerRow> own;
  std::ranges::copy_if(run.rows, std::back_inserter(own),
                       [&](const PeerRow& peer_row) { return peer_row.peer == peer; });
  for (std::size_t k = 0; k < own.size(); ++k) {
    bool holds = own[k].accuracy >= target;
    const std::size_t end =
        std::min(own.size(), k + 1 + static_cast<std::size_t>(hold.evaluations));
    for (std::size_t j = k + 1; j < end; ++j) {
      holds = holds && own[j].accuracy >= target - hold.tolerance;
    }
    if (holds) return clock(own[k]);
  }
  return kNever;
}

double round_of(const PeerRow& peer_row) { return static_cast<double>(peer_row.round); }

TEST(TargetTimes, AgreeWithTheDefinitionOnRandomRuns) {
  int censored = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const RandomRun run(seed);
    const TargetHold hold{.evaluations = static_cast<int>(seed % 4), .tolerance = 0.05};
    double last_round = 0.0;
    for (const auto& [peer, start] : run.starts) {
      last_round = std::max(last_round, static_cast<double>(start.round));
    }
    for (const PeerRow& peer_row : run.rows) last_round = std::max(last_round, round_of(peer_row));
    double sum = 0.0;
    int never = 0;
    std::vector<double> taus;
    for (const auto& [peer, start] : run.starts) {
      const auto first = static_cast<double>(start.round);
      taus.push_back(slow_time(run, peer, 0.3, hold, round_of) - first);
      sum += std::min(taus.back(), last_round - first);
      never += std::isinf(taus.back()) ? 1 : 0;
    }
    const TimeToAccuracy time = run.times(0.3, hold);
    EXPECT_EQ(time.peers, static_cast<std::int64_t>(run.starts.size()));
    EXPECT_EQ(time.censored, never);
    EXPECT_NEAR(time.rounds.node_averaged, sum / static_cast<double>(taus.size()), 1e-9);
    if (never == 0) {
      EXPECT_EQ(time.rounds.slowest, max_of(taus));
      EXPECT_EQ(time.rounds.median, percentile_of(taus, 50));
    } else {
      EXPECT_TRUE(std::isnan(time.rounds.slowest));
    }
    censored += never > 0 ? 1 : 0;
  }
  EXPECT_GT(censored, 50);
  EXPECT_LT(censored, 190);
}

void expect_same(const ClockTimes& a, const ClockTimes& b) {
  const auto is_same = [](double x, double y) {
    return x == y || (std::isnan(x) && std::isnan(y));
  };
  EXPECT_TRUE(is_same(a.node_averaged, b.node_averaged)) << a.node_averaged << b.node_averaged;
  EXPECT_TRUE(is_same(a.median, b.median)) << a.median << " " << b.median;
  EXPECT_TRUE(is_same(a.p95, b.p95)) << a.p95 << " " << b.p95;
  EXPECT_TRUE(is_same(a.slowest, b.slowest)) << a.slowest << " " << b.slowest;
  EXPECT_TRUE(is_same(a.straggler_ratio, b.straggler_ratio));
}

void expect_same(const TimeToAccuracy& a, const TimeToAccuracy& b) {
  EXPECT_EQ(a.peers, b.peers);
  EXPECT_EQ(a.censored, b.censored);
  expect_same(a.rounds, b.rounds);
  expect_same(a.seconds, b.seconds);
  expect_same(a.bytes_received, b.bytes_received);
}

TEST(TargetTimes, TheMeanIsAtMostTheSlowest) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const TimeToAccuracy time = RandomRun(seed).times(0.4);
    for (const ClockTimes* clock : {&time.rounds, &time.seconds, &time.bytes_received}) {
      EXPECT_GT(clock->straggler_ratio, 0.0);
      EXPECT_LE(clock->straggler_ratio, 1.0);
      EXPECT_FALSE(clock->node_averaged > clock->slowest);
    }
  }
}

TEST(TargetTimes, TheMeanIsTheSlowestExactlyIfAllAreEqual) {
  // A plain sum of ten times this number exceeds 53 bits and gives a mean that is too low.
  std::vector<PeerRow> rows;
  for (PeerId peer = 0; peer < 10; ++peer) {
    rows.push_back(
        {.round = 1, .time = SimTime{8'352'061'468'011'231}, .peer = peer, .accuracy = 0.9});
  }
  EXPECT_EQ(times_of(rows, 0.5, {}).seconds.node_averaged, 8'352'061.468011231);
  EXPECT_EQ(times_of(rows, 0.5, {}).seconds.straggler_ratio, 1.0);
  for (PeerRow& peer_row : rows) peer_row.time = SimTime{100'000'000};
  EXPECT_EQ(times_of(rows, 0.5, {}).seconds.node_averaged, 0.1);
  ++rows[0].time.nanoseconds;
  EXPECT_LT(times_of(rows, 0.5, {}).seconds.straggler_ratio, 1.0);
}

TEST(TargetTimes, OfACompleteGraphWithExactAveragingAreAllEqual) {
  // Synchronous exact averaging: after each round all peers have the same model.
  const std::vector<double> accuracies = {0.2, 0.4, 0.55, 0.6, 0.6};
  const auto rows = rows_of(std::vector<std::vector<double>>(7, accuracies));
  for (const double target : {0.1, 0.3, 0.5, 0.6, 0.9}) {
    const TimeToAccuracy time = times_of(rows, target, {});
    EXPECT_EQ(time.rounds.straggler_ratio, 1.0);
    EXPECT_EQ(time.seconds.straggler_ratio, 1.0);
    EXPECT_EQ(time.bytes_received.straggler_ratio, 1.0);
  }
}

TEST(TargetTimes, DoNotDependOnTheNamesOfThePeers) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const RandomRun run(seed);
    std::vector<PeerId> names(run.starts.size());
    std::iota(names.begin(), names.end(), 0);
    Rng(seed).shuffle(std::span(names));
    RandomRun renamed = run;
    renamed.starts.clear();
    for (const auto& [peer, start] : run.starts) {
      renamed.starts[names[static_cast<std::size_t>(peer)]] = start;
    }
    for (PeerRow& peer_row : renamed.rows) {
      peer_row.peer = names[static_cast<std::size_t>(peer_row.peer)];
    }
    expect_same(run.times(0.4), renamed.times(0.4));
  }
}

TEST(TargetTimes, DoNotFallAsTheTargetRises) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const RandomRun run(seed);
    TimeToAccuracy lower = run.times(0.0);
    for (int percent = 5; percent <= 100; percent += 5) {
      const TimeToAccuracy higher = run.times(percent / 100.0);
      EXPECT_GE(higher.censored, lower.censored);
      EXPECT_GE(higher.rounds.node_averaged, lower.rounds.node_averaged);
      EXPECT_GE(higher.seconds.node_averaged, lower.seconds.node_averaged);
      EXPECT_GE(higher.bytes_received.node_averaged, lower.bytes_received.node_averaged);
      // What is missing for the lower target, for want of peers that reached it, is
      // missing for the higher one.
      EXPECT_FALSE(higher.seconds.median < lower.seconds.median);
      EXPECT_TRUE(!std::isnan(lower.seconds.median) || std::isnan(higher.seconds.median));
      lower = higher;
    }
  }
}

TEST(TargetTimes, AnIsolatedPeerAddsAtMostItsShareOfTheHorizon) {
  int seen = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RandomRun run(seed);
    if (run.rows.empty()) continue;
    ++seen;
    const TimeToAccuracy before = run.times(0.4);
    const double horizon = run.rows.back().time.seconds();
    const auto isolated = static_cast<PeerId>(run.starts.size());
    run.starts[isolated] = {};
    const TimeToAccuracy after = run.times(0.4);
    const double share = horizon / static_cast<double>(after.peers);
    EXPECT_LE(after.seconds.node_averaged, before.seconds.node_averaged + share + 1e-12);
    EXPECT_GE(after.seconds.node_averaged, before.seconds.node_averaged - 1e-12);
    // The greatest restricted time is the horizon.
    EXPECT_NEAR(after.seconds.node_averaged / after.seconds.straggler_ratio, horizon, 1e-9);
    EXPECT_EQ(after.censored, before.censored + 1);
  }
  EXPECT_GT(seen, 80);
}

TEST(TargetTimes, OfSeveralTargetsAreThoseOfEach) {
  const RandomRun run(3);
  TargetTimes times({0.7, 0.3}, {});
  for (const auto& [peer, start] : run.starts) times.start(peer, start);
  for (const PeerRow& peer_row : run.rows) times.record(peer_row);
  const auto results = times.results();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].target, 0.7);
  EXPECT_EQ(results[1].target, 0.3);
  expect_same(results[0], run.times(0.7));
  expect_same(results[1], run.times(0.3));
}

Snapshot saved(TargetTimes& times) {
  SavingArchive archive;
  times.persist(archive);
  return archive.take();
}

TEST(TargetTimes, GoOnFromACheckpointAtAnyRow) {
  const RandomRun run(7);
  for (std::size_t cut = 0; cut <= run.rows.size(); ++cut) {
    TargetTimes before({0.3, 0.6}, {});
    for (const auto& [peer, start] : run.starts) before.start(peer, start);
    for (std::size_t k = 0; k < cut; ++k) before.record(run.rows[k]);
    const Snapshot snapshot = saved(before);

    TargetTimes after({0.3, 0.6}, {});
    after.record(row(99, 40, 1.0));
    LoadingArchive archive(snapshot);
    after.persist(archive);
    archive.finish();
    for (std::size_t k = cut; k < run.rows.size(); ++k) after.record(run.rows[k]);
    expect_same(after.results()[0], run.times(0.3));
    expect_same(after.results()[1], run.times(0.6));
  }
}

TEST(TargetTimes, RefuseACheckpointWithOtherTargets) {
  TargetTimes two({0.3, 0.6}, {});
  two.record(row(1, 0, 0.5));
  const Snapshot snapshot = saved(two);
  TargetTimes one({0.3}, {});
  LoadingArchive archive(snapshot);
  EXPECT_THROW(one.persist(archive), std::runtime_error);
}

}  // namespace
}  // namespace hearsay

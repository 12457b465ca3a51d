#include "scenarios/fault_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "node/base/error.hpp"
#include "tests/scenarios/sample.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 16;

constexpr SimTime seconds(std::int64_t value) { return {value * 1'000'000'000}; }

/// A path: peer i is joined to i + 1; peer 0 also to 2, so that 2 has most neighbors.
Graph path_graph() {
  std::vector<Edge> edges = {{0, 2}};
  for (PeerId peer = 0; peer + 1 < kPeers; ++peer) edges.emplace_back(peer, peer + 1);
  return Graph(kPeers, edges);
}

std::vector<Fault> faults_in(const std::string& items) {
  return parse_scenario("name: q\npeers: 16\nmodel: {kind: quadratic}\nfaults: [" + items + "]\n",
                        "x.yaml")
      .faults;
}

FaultTimeline timeline_of(const std::vector<Fault>& faults, std::uint64_t seed = 1) {
  static const Graph graph = path_graph();
  return make_timeline(faults, {.graph = graph, .rng = Rng(seed)});
}

FaultTimeline timeline_of(const std::string& items, std::uint64_t seed = 1) {
  return timeline_of(faults_in(items), seed);
}

std::string error_of_plan(const std::string& items) {
  const std::vector<Fault> faults = faults_in(items);
  try {
    timeline_of(faults);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

std::vector<PeerChange> changes_of(const FaultTimeline& timeline, PeerId peer) {
  const auto changes = timeline.changes(peer);
  return {changes.begin(), changes.end()};
}

/// All peers' changes.
std::vector<std::vector<PeerChange>> all_changes(const FaultTimeline& timeline) {
  std::vector<std::vector<PeerChange>> changes;
  for (PeerId peer = 0; peer < kPeers; ++peer) changes.push_back(changes_of(timeline, peer));
  return changes;
}

using Changes = std::vector<PeerChange>;

TEST(FaultPlan, NoFaultsMakeAnEmptyTimeline) { EXPECT_TRUE(timeline_of("").is_empty()); }

TEST(FaultPlan, TheScriptIsPlayed) {
  const FaultTimeline timeline = timeline_of(
      "{at: 30s, crash: {highest_degree: 1}}, {at: 5s, crash: [3, 4], state: lost, until: 7s}, "
      "{at: 10s, leave: [4]}, {at: 20s, join: [4-5]}, {at: 1s, freeze: [6], until: 2s}");
  using Kind = PeerChangeKind;
  EXPECT_EQ(changes_of(timeline, 2), (Changes{{seconds(30), Kind::kCrash}}));
  EXPECT_EQ(changes_of(timeline, 3),
            (Changes{{seconds(5), Kind::kCrashWithStateLoss}, {seconds(7), Kind::kRestart}}));
  EXPECT_EQ(changes_of(timeline, 4), (Changes{{seconds(5), Kind::kCrashWithStateLoss},
                                              {seconds(7), Kind::kRestart},
                                              {seconds(10), Kind::kLeave},
                                              {seconds(20), Kind::kJoin}}));
  EXPECT_EQ(changes_of(timeline, 5), (Changes{{seconds(20), Kind::kJoin}}));
  EXPECT_EQ(changes_of(timeline, 6),
            (Changes{{seconds(1), Kind::kFreeze}, {seconds(2), Kind::kThaw}}));
  EXPECT_TRUE(timeline.is_present_at_start(4));
  EXPECT_FALSE(timeline.is_present_at_start(5));
  EXPECT_TRUE(timeline.changes(7).empty());
}

TEST(FaultPlan, PartitionsLinksAndOutagesAreNoted) {
  const FaultTimeline timeline = timeline_of(
      "{at: 5s, partition: [[0-3], [4-7]]}, {at: 9s, heal: all}, "
      "{at: 6s, link_down: [[8, 9]], until: 7s}, {at: 1s, outage: [12], hops: 2, until: 2s}");
  const std::vector<WorldNote> notes(timeline.notes().begin(), timeline.notes().end());
  EXPECT_EQ(notes, (std::vector<WorldNote>{{seconds(1), "outage", "[10-14]"},
                                           {seconds(2), "outage_end", "[10-14]"},
                                           {seconds(5), "partition", "[0-3] [4-7]"},
                                           {seconds(6), "link_down", "[8, 9]"},
                                           {seconds(7), "link_up", "[8, 9]"},
                                           {seconds(9), "heal", "[0-3] [4-7]"}}));
  const auto connected = [&timeline](PeerId a, PeerId b, std::int64_t at) {
    return timeline.is_connected_throughout(a, b, seconds(at), seconds(at));
  };
  EXPECT_TRUE(connected(9, 10, 0));
  EXPECT_FALSE(connected(9, 10, 1));
  EXPECT_FALSE(connected(12, 13, 1));
  EXPECT_TRUE(connected(8, 9, 1));
  EXPECT_FALSE(connected(3, 4, 5));
  EXPECT_FALSE(connected(7, 8, 5));   // On no side: a side of their own,
  EXPECT_TRUE(connected(10, 15, 5));  // with each other.
  EXPECT_FALSE(connected(8, 9, 6));
  EXPECT_TRUE(connected(3, 4, 9));
}

TEST(FaultPlan, SlownessCorruptionAndSkewReachTheChosen) {
  const FaultTimeline timeline = timeline_of(
      "{at: 0s, slow: [1], factor: 4, until: 8s}, {at: 0s, corrupt: [2], share: 100%}, "
      "{clock_skew: [3], rate: 0.5, offset: 2s}, {clock_skew: [4-15], sigma: 0.01}");
  EXPECT_EQ(timeline.finish(1, seconds(0), seconds(1)), seconds(4));
  EXPECT_EQ(timeline.finish(1, seconds(0), seconds(3)), seconds(9));
  EXPECT_EQ(timeline.finish(2, seconds(0), seconds(3)), seconds(3));
  EXPECT_TRUE(timeline.corrupts(2, 5, seconds(100)));
  EXPECT_FALSE(timeline.corrupts(1, 5, seconds(100)));
  EXPECT_EQ(timeline.local_time(3, seconds(4)), seconds(8));
  std::set<SimTime> shown;
  for (PeerId peer = 4; peer < kPeers; ++peer) {
    const SimTime time = timeline.local_time(peer, seconds(100));
    EXPECT_NEAR(time.seconds(), 100, 6);  // Six standard deviations of 1 s.
    shown.insert(time);
  }
  EXPECT_EQ(shown.size(), 12U);
}

TEST(FaultPlan, LostDataAreLostByTheChosenAndNoted) {
  const FaultTimeline timeline =
      timeline_of("{at: 4s, lose_data: [1-3, 7]}, {at: 2s, lose_data: {highest_degree: 1}}");
  EXPECT_TRUE(timeline.owns_data(1, seconds(3)));
  EXPECT_FALSE(timeline.owns_data(1, seconds(4)));
  EXPECT_FALSE(timeline.owns_data(2, seconds(2)));
  EXPECT_TRUE(timeline.owns_data(4, seconds(100)));
  EXPECT_TRUE(timeline.changes(1).empty());
  const std::vector<WorldNote> notes(timeline.notes().begin(), timeline.notes().end());
  EXPECT_EQ(notes, (std::vector<WorldNote>{{seconds(2), "lose_data", "[2]"},
                                           {seconds(4), "lose_data", "[1-3, 7]"}}));
}

TEST(FaultPlan, AFlashCrowdJoinsWithinItsTime) {
  const FaultTimeline timeline = timeline_of("{at: 10s, flash_crowd: {random: 50%}, over: 5s}");
  std::set<SimTime> times;
  for (PeerId peer = 0; peer < kPeers; ++peer) {
    if (timeline.is_present_at_start(peer)) {
      EXPECT_TRUE(timeline.changes(peer).empty());
      continue;
    }
    ASSERT_EQ(timeline.changes(peer).size(), 1U);
    const PeerChange change = timeline.changes(peer)[0];
    EXPECT_EQ(change.kind, PeerChangeKind::kJoin);
    EXPECT_GE(change.time, seconds(10));
    EXPECT_LT(change.time, seconds(15));
    times.insert(change.time);
  }
  EXPECT_EQ(times.size(), 8U);
}

TEST(FaultPlan, ARollingRestartGoesFromPeerToPeer) {
  const FaultTimeline timeline =
      timeline_of("{at: 10s, rolling_restart: [4, 2, 9], down: 2s, every: 3s, state: lost}");
  using Kind = PeerChangeKind;
  std::int64_t at = 10;
  for (const PeerId peer : {2, 4, 9}) {
    EXPECT_EQ(changes_of(timeline, peer), (Changes{{seconds(at), Kind::kCrashWithStateLoss},
                                                   {seconds(at + 2), Kind::kRestart}}));
    at += 3;
  }
}

TEST(FaultPlan, GeneratedDownTimesUniteWithScriptedOnes) {
  const FaultTimeline timeline = timeline_of(
      "{at: 10s, rolling_restart: [1], down: 5s}, {at: 12s, crash: [1], until: 20s}, "
      "{at: 11s, rolling_restart: [1], down: 20s}");
  using Kind = PeerChangeKind;
  EXPECT_EQ(changes_of(timeline, 1),
            (Changes{{seconds(10), Kind::kCrash}, {seconds(31), Kind::kRestart}}));
}

TEST(FaultPlan, SessionsAreDrawnPerPeer) {
  const FaultTimeline timeline =
      timeline_of("{sessions: {kind: exponential, mean: 10s, off: 5s}, until: 200s}");
  std::set<SimTime> first;
  int present = 0;
  for (PeerId peer = 0; peer < kPeers; ++peer) {
    const auto changes = timeline.changes(peer);
    ASSERT_GT(changes.size(), 4U);
    first.insert(changes[0].time);
    present += timeline.is_present_at_start(peer) ? 1 : 0;
    EXPECT_EQ(changes[0].kind,
              timeline.is_present_at_start(peer) ? PeerChangeKind::kCrash : PeerChangeKind::kJoin);
    EXPECT_TRUE(timeline.is_up_throughout(peer, changes.back().time, SimTime::max()));
  }
  EXPECT_EQ(first.size(), std::size_t{kPeers});
  EXPECT_GT(present, 4);
  EXPECT_LT(present, 16);
}

TEST(FaultPlan, OfTheSameSeedIsTheSame) {
  const std::string items =
      "{sessions: {kind: pareto, shape: 2, scale: 10s, off: 5s}, until: 200s}, "
      "{at: 10s, flash_crowd: {random: 50%}, over: 5s}";
  EXPECT_EQ(all_changes(timeline_of(items, 1)), all_changes(timeline_of(items, 1)));
  EXPECT_NE(all_changes(timeline_of(items, 1)), all_changes(timeline_of(items, 2)));
}

TEST(FaultPlan, AddingAFaultDoesNotChangeTheOthers) {
  const auto crashed = [](const std::string& items) {
    const FaultTimeline timeline = timeline_of(items);
    std::vector<PeerId> peers;
    for (PeerId peer = 0; peer < kPeers; ++peer) {
      if (!timeline.is_up(peer, seconds(30))) peers.push_back(peer);
    }
    return peers;
  };
  const std::string crash = "{at: 30s, crash: {random: 4}}";
  const std::vector<PeerId> alone = crashed(crash);
  ASSERT_EQ(alone.size(), 4U);
  EXPECT_EQ(crashed("{at: 1s, slow: {random: 4}}, " + crash), alone);
  EXPECT_EQ(crashed("{at: 1s, slow: {random: 4}}, {clock_skew: all, sigma: 1e-4}, " + crash),
            alone);
  // Another crash draws anew.
  const std::string both = "{at: 1s, crash: {random: 4}, until: 2s}, " + crash;
  EXPECT_NE(crashed(both), alone);
  EXPECT_EQ(crashed(crash + ", {at: 40s, slow: {random: 4}}"), alone);
}

TEST(FaultPlan, MistakesThatDrawsRevealNameTheirItem) {
  EXPECT_EQ(error_of_plan("{at: 10s, crash: {highest_degree: 1}}, {at: 20s, crash: [2]}"),
            "faults[1].crash: peer 2 is down at 20s already, by faults[0].crash at 10s");
  EXPECT_EQ(error_of_plan("{at: 10s, crash: {lowest_degree: 1}}, {at: 20s, restart: [2]}"),
            "faults[1].restart: peer 2 is up at 20s; only a peer that has crashed can restart");
  EXPECT_EQ(error_of_plan("{clock_skew: [1, 2], rate: 0.1}, {clock_skew: [2], rate: 0.1}"),
            "faults[1].clock_skew: the clock of peer 2 is skewed already, by faults[0].clock_skew");
  EXPECT_EQ(error_of_plan("{sessions: {kind: exponential, mean: 1ms, off: 1ms}, until: 24h}"),
            "faults[0].sessions: 10000000 off times or more by 24h; take longer times, fewer peers "
            "or an earlier until");
}

TEST(FaultPlan, WhatIsNotReadIsCheckedToo) {
  const std::vector<Fault> faults = {{RestartFault{.at = seconds(3)}}};
  EXPECT_THROW(timeline_of(faults), UserError);
  const std::vector<Fault> backwards = {{SlowFault{.at = seconds(3), .until = seconds(2)}}};
  EXPECT_THROW(timeline_of(backwards), UserError);
}

TEST(FaultPlan, ARoleThatNobodyHasIsRefused) {
  const Graph graph = path_graph();
  const std::vector<Fault> faults = faults_in("{at: 10s, crash: {role: data_holders}}");
  const SelectionContext nobody_holds{
      .graph = graph, .rng = Rng(1), .train_samples = [](PeerId) { return 0; }};
  try {
    make_timeline(faults, nobody_holds);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "faults[0].crash: chooses no peer; the least is one");
  }
}

TEST(FaultPlan, ATraceSaysWhenPeersAreUp) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "trace.csv").string();
  std::ofstream(file) << "peer,from,to\n1,0,5\n1,8,10\n2,3,4\n";
  const FaultTimeline timeline = timeline_of("{trace: \"" + file + "\"}");
  using Kind = PeerChangeKind;
  EXPECT_EQ(changes_of(timeline, 1), (Changes{{seconds(5), Kind::kCrash},
                                              {seconds(8), Kind::kRestart},
                                              {seconds(10), Kind::kCrash}}));
  EXPECT_TRUE(timeline.is_present_at_start(1));
  EXPECT_EQ(changes_of(timeline, 2),
            (Changes{{seconds(3), Kind::kJoin}, {seconds(4), Kind::kCrash}}));
  EXPECT_FALSE(timeline.is_present_at_start(2));
  EXPECT_TRUE(timeline.changes(0).empty());
  std::ofstream(file) << "peer,from,to\n1,8,10\n1,0,5\n";
  EXPECT_EQ(error_of_plan("{trace: \"" + file + "\"}"),
            file + ":3: column from: rows of peer 1 must ascend, got 0 after 8,10");
}

}  // namespace
}  // namespace hearsay

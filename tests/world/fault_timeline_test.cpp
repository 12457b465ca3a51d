#include "node/world/fault_timeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "node/world/fault_timeline_builder.hpp"

namespace hearsay {
namespace {

using Changes = std::vector<PeerChange>;

constexpr PeerChangeKind kCrash = PeerChangeKind::kCrash;
constexpr PeerChangeKind kCrashWithStateLoss = PeerChangeKind::kCrashWithStateLoss;
constexpr PeerChangeKind kRestart = PeerChangeKind::kRestart;
constexpr PeerChangeKind kLeave = PeerChangeKind::kLeave;
constexpr PeerChangeKind kJoin = PeerChangeKind::kJoin;
constexpr PeerChangeKind kFreeze = PeerChangeKind::kFreeze;
constexpr PeerChangeKind kThaw = PeerChangeKind::kThaw;

constexpr SimTime at(std::int64_t nanoseconds) { return {nanoseconds}; }
constexpr TimeInterval from(std::int64_t begin, std::int64_t end) { return {{begin}, {end}}; }
constexpr TimeInterval since(std::int64_t begin) { return {{begin}, SimTime::max()}; }

FaultTimelineBuilder builder(int num_peers = 4) { return {num_peers, Rng(1)}; }

Changes changes_of(const FaultTimelineBuilder& faults, PeerId peer = 0) {
  const FaultTimeline timeline = faults.build();
  const auto changes = timeline.changes(peer);
  return {changes.begin(), changes.end()};
}

TEST(FaultTimeline, WithoutFaultsEverythingWorks) {
  for (const FaultTimeline& timeline : {FaultTimeline(), builder().build()}) {
    EXPECT_TRUE(timeline.is_empty());
    EXPECT_TRUE(timeline.changes(3).empty());
    EXPECT_TRUE(timeline.is_present_at_start(3));
    EXPECT_TRUE(timeline.is_up_throughout(3, at(0), SimTime::max()));
    EXPECT_EQ(timeline.thaw_time(3, at(5)), at(5));
    EXPECT_EQ(timeline.finish(3, at(5), at(7)), at(12));
    EXPECT_EQ(timeline.finish(3, at(5), SimTime::max()), SimTime::max());
    EXPECT_TRUE(timeline.is_connected_throughout(0, 3, at(0), SimTime::max()));
    EXPECT_FALSE(timeline.corrupts(3, 0, at(0)));
    EXPECT_EQ(timeline.local_time(3, at(5)), at(5));
    EXPECT_EQ(timeline.timer_due(3, at(5), at(7)), at(12));
    EXPECT_TRUE(timeline.notes().empty());
  }
}

TEST(FaultTimeline, DownIsClosedAtItsBeginningAndOpenAtItsEnd) {
  FaultTimelineBuilder faults = builder();
  faults.add_down(2, from(10, 20), Departure::kCrash);
  const FaultTimeline timeline = faults.build();
  EXPECT_FALSE(timeline.is_empty());
  EXPECT_TRUE(timeline.is_up(2, at(9)));
  EXPECT_FALSE(timeline.is_up(2, at(10)));
  EXPECT_FALSE(timeline.is_up(2, at(19)));
  EXPECT_TRUE(timeline.is_up(2, at(20)));
  EXPECT_TRUE(timeline.is_up_throughout(2, at(0), at(9)));
  EXPECT_FALSE(timeline.is_up_throughout(2, at(0), at(10)));
  EXPECT_FALSE(timeline.is_up_throughout(2, at(0), at(30)));
  EXPECT_FALSE(timeline.is_up_throughout(2, at(19), at(30)));
  EXPECT_TRUE(timeline.is_up_throughout(2, at(20), at(30)));
  EXPECT_TRUE(timeline.is_up_throughout(1, at(0), at(30)));
  EXPECT_EQ(changes_of(faults, 2), (Changes{{at(10), kCrash}, {at(20), kRestart}}));
  EXPECT_TRUE(changes_of(faults, 1).empty());
}

TEST(FaultTimeline, LeavingAndComing) {
  FaultTimelineBuilder faults = builder();
  faults.add_down(0, from(-1, 5), Departure::kLeave);
  faults.add_down(0, from(8, 9), Departure::kLeave);
  faults.add_down(0, since(20), Departure::kCrashWithStateLoss);
  const FaultTimeline timeline = faults.build();
  EXPECT_FALSE(timeline.is_present_at_start(0));
  EXPECT_TRUE(timeline.is_present_at_start(1));
  EXPECT_FALSE(timeline.is_up(0, at(0)));
  EXPECT_EQ(
      changes_of(faults),
      (Changes{{at(5), kJoin}, {at(8), kLeave}, {at(9), kJoin}, {at(20), kCrashWithStateLoss}}));
}

TEST(FaultTimeline, DownTimesThatTouchAreOne) {
  FaultTimelineBuilder faults = builder();
  faults.add_down(0, from(10, 20), Departure::kCrash);
  faults.add_down(0, from(15, 25), Departure::kCrash);
  faults.add_down(0, from(25, 30), Departure::kCrash);
  faults.add_down(0, from(12, 13), Departure::kCrash);
  EXPECT_EQ(changes_of(faults), (Changes{{at(10), kCrash}, {at(30), kRestart}}));
  // A crash in which a crash with loss, or leaving, falls, loses state.
  for (const Departure within : {Departure::kCrashWithStateLoss, Departure::kLeave}) {
    FaultTimelineBuilder loses = builder();
    loses.add_down(0, from(15, 16), within);
    loses.add_down(0, from(10, 20), Departure::kCrash);
    EXPECT_EQ(changes_of(loses), (Changes{{at(10), kCrashWithStateLoss}, {at(20), kRestart}}));
  }
  // Who has left comes back by joining; of two at once, leaving counts.
  FaultTimelineBuilder left = builder();
  left.add_down(0, from(10, 20), Departure::kCrash);
  left.add_down(0, from(10, 12), Departure::kLeave);
  EXPECT_EQ(changes_of(left), (Changes{{at(10), kLeave}, {at(20), kJoin}}));
}

TEST(FaultTimeline, DownTimesAreTheUnionWhateverTheirOrder) {
  for (int seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    std::vector<std::pair<TimeInterval, Departure>> downs;
    for (std::uint64_t count = rng.below(6) + 1; count > 0; --count) {
      const auto begin = static_cast<std::int64_t>(rng.below(40));
      const auto length = static_cast<std::int64_t>(rng.below(9)) + 1;
      downs.emplace_back(from(begin, begin + length), static_cast<Departure>(rng.below(3)));
    }
    FaultTimelineBuilder faults = builder();
    for (const auto& [when, departure] : downs) faults.add_down(0, when, departure);
    rng.shuffle(std::span(downs));
    FaultTimelineBuilder shuffled = builder();
    for (const auto& [when, departure] : downs) shuffled.add_down(0, when, departure);
    EXPECT_EQ(changes_of(faults), changes_of(shuffled)) << seed;
    const FaultTimeline timeline = faults.build();
    for (std::int64_t time = 0; time < 60; ++time) {
      const bool down = std::ranges::any_of(downs, [time](const auto& each) {
        return each.first.begin <= at(time) && at(time) < each.first.end;
      });
      EXPECT_EQ(timeline.is_up(0, at(time)), !down) << seed << " at " << time;
    }
  }
}

TEST(FaultTimeline, FrozenWhileUp) {
  FaultTimelineBuilder faults = builder();
  faults.add_freeze(0, from(5, 30));
  faults.add_freeze(0, from(30, 35));
  faults.add_down(0, from(8, 12), Departure::kCrash);
  faults.add_down(0, from(35, 40), Departure::kCrash);
  faults.add_freeze(0, from(50, 52));
  // Going down thaws without a word.
  EXPECT_EQ(changes_of(faults), (Changes{{at(5), kFreeze},
                                         {at(8), kCrash},
                                         {at(12), kRestart},
                                         {at(12), kFreeze},
                                         {at(35), kCrash},
                                         {at(40), kRestart},
                                         {at(50), kFreeze},
                                         {at(52), kThaw}}));
  const FaultTimeline timeline = faults.build();
  EXPECT_EQ(timeline.thaw_time(0, at(4)), at(4));
  EXPECT_EQ(timeline.thaw_time(0, at(5)), at(8));
  EXPECT_EQ(timeline.thaw_time(0, at(9)), at(9));
  EXPECT_EQ(timeline.thaw_time(0, at(12)), at(35));
  EXPECT_EQ(timeline.thaw_time(0, at(51)), at(52));
  EXPECT_EQ(timeline.thaw_time(0, at(52)), at(52));
  EXPECT_TRUE(timeline.is_up(0, at(6)));
  faults.add_freeze(0, since(60));
  EXPECT_EQ(faults.build().thaw_time(0, at(61)), SimTime::max());
}

TEST(FaultTimeline, WorkTakesLongerWhenSlowAndWaitsWhenFrozen) {
  FaultTimelineBuilder faults = builder();
  faults.add_slow_down(0, from(10, 30), 4.0);
  faults.add_slow_down(0, from(20, 40), 3.0);
  faults.add_freeze(0, from(35, 50));
  const FaultTimeline timeline = faults.build();
  EXPECT_EQ(timeline.finish(0, at(0), at(10)), at(10));
  EXPECT_EQ(timeline.finish(0, at(0), at(11)), at(14));
  // 10 at full speed, 2 in [10, 20) and 2 ns lost, none of 12 ns each in [20, 30), 1 in
  // [30, 35), frozen until 50.
  EXPECT_EQ(timeline.finish(0, at(0), at(12)), at(18));
  EXPECT_EQ(timeline.finish(0, at(0), at(13)), at(33));
  EXPECT_EQ(timeline.finish(0, at(0), at(14)), at(51));
  EXPECT_EQ(timeline.finish(0, at(40), at(5)), at(55));
  EXPECT_EQ(timeline.finish(0, at(40), at(0)), at(40));
  EXPECT_EQ(timeline.finish(0, at(60), at(5)), at(65));
  EXPECT_EQ(timeline.finish(1, at(0), at(14)), at(14));
  faults.add_freeze(0, since(100));
  EXPECT_EQ(faults.build().finish(0, at(90), at(10)), at(100));
  EXPECT_EQ(faults.build().finish(0, at(90), at(11)), SimTime::max());
  EXPECT_EQ(faults.build().finish(0, at(100), at(1)), SimTime::max());
}

struct Slow {
  TimeInterval when;
  double factor;
};

/// The definition in pace.hpp, tick by tick. Factors here are quarters, so that costs are
/// whole numbers of 2^-20 and products exact.
std::int64_t finish_by_ticks(const std::vector<Slow>& slow, const std::vector<TimeInterval>& frozen,
                             std::int64_t start, std::int64_t work) {
  const auto covers = [](const TimeInterval& when, std::int64_t time) {
    return when.begin <= at(time) && at(time) < when.end;
  };
  double last_factor = -1.0;
  std::int64_t ticks = 0;  // In the stretch of one factor.
  std::int64_t done = 0;
  for (std::int64_t time = start; work > 0; ++time) {
    double factor = 1.0;
    for (const auto& [when, each] : slow) factor *= covers(when, time) ? each : 1.0;
    for (const TimeInterval& when : frozen) factor = covers(when, time) ? 0.0 : factor;
    bool changes = false;
    for (const auto& [when, each] : slow) {
      changes = changes || when.begin == at(time) || when.end == at(time);
    }
    if (changes || factor != last_factor) {
      work -= done;
      ticks = done = 0;
      last_factor = factor;
    }
    ++ticks;
    done = factor == 0.0 ? 0 : static_cast<std::int64_t>(static_cast<double>(ticks) / factor);
    if (done >= work) return time + 1;
  }
  return start;
}

TEST(FaultTimeline, FinishAgreesWithCountingTicks) {
  for (int seed = 0; seed < 400; ++seed) {
    Rng rng(seed);
    FaultTimelineBuilder faults = builder();
    std::vector<Slow> slow;
    std::vector<TimeInterval> frozen;
    const auto interval = [&rng] {
      const auto begin = static_cast<std::int64_t>(rng.below(100));
      return from(begin, begin + 1 + static_cast<std::int64_t>(rng.below(30)));
    };
    for (std::uint64_t count = rng.below(4); count > 0; --count) {
      slow.push_back({interval(), static_cast<double>(rng.below(16) + 1) / 4.0});
      faults.add_slow_down(0, slow.back().when, slow.back().factor);
    }
    for (std::uint64_t count = rng.below(4); count > 0; --count) {
      frozen.push_back(interval());
      faults.add_freeze(0, frozen.back());
    }
    const FaultTimeline timeline = faults.build();
    for (int i = 0; i < 40; ++i) {
      const auto start = static_cast<std::int64_t>(rng.below(140));
      const auto work = static_cast<std::int64_t>(rng.below(60));
      EXPECT_EQ(timeline.finish(0, at(start), at(work)).nanoseconds,
                finish_by_ticks(slow, frozen, start, work))
          << "seed " << seed << ", start " << start << ", work " << work;
    }
  }
}

TEST(FaultTimeline, StartingLaterNeverFinishesEarlier) {
  FaultTimelineBuilder faults = builder();
  faults.add_slow_down(0, from(10, 40), 1.7);
  faults.add_slow_down(0, from(25, 60), 3.3);
  faults.add_freeze(0, from(50, 55));
  const FaultTimeline timeline = faults.build();
  for (std::int64_t work = 0; work < 40; ++work) {
    for (std::int64_t start = 0; start < 80; ++start) {
      const SimTime end = timeline.finish(0, at(start), at(work));
      EXPECT_LE(end, timeline.finish(0, at(start + 1), at(work)));
      EXPECT_LE(end, timeline.finish(0, at(start), at(work + 1)));
    }
  }
}

TEST(FaultTimeline, LinksDownSeparateTwoPeers) {
  FaultTimelineBuilder faults = builder();
  faults.add_link_down(2, 1, from(10, 20));
  faults.add_link_down(1, 2, from(15, 25));
  faults.add_link_down(0, 3, since(50));
  const FaultTimeline timeline = faults.build();
  for (const auto& [a, b] : {std::pair(1, 2), std::pair(2, 1)}) {
    EXPECT_TRUE(timeline.is_connected_throughout(a, b, at(0), at(9)));
    EXPECT_FALSE(timeline.is_connected_throughout(a, b, at(0), at(10)));
    EXPECT_FALSE(timeline.is_connected_throughout(a, b, at(24), at(24)));
    EXPECT_FALSE(timeline.is_connected_throughout(a, b, at(0), at(100)));
    EXPECT_TRUE(timeline.is_connected_throughout(a, b, at(25), at(100)));
  }
  EXPECT_TRUE(timeline.is_connected_throughout(0, 1, at(0), at(100)));
  EXPECT_TRUE(timeline.is_connected_throughout(1, 3, at(0), at(100)));
  EXPECT_FALSE(timeline.is_connected_throughout(0, 3, at(99), at(100)));
}

TEST(FaultTimeline, PartitionsSeparateTheirGroups) {
  FaultTimelineBuilder faults = builder();
  faults.add_partition({1, 1, 1, 2}, from(50, 60));
  faults.add_partition({0, 0, 1, 1}, from(10, 20));
  const FaultTimeline timeline = faults.build();
  EXPECT_TRUE(timeline.is_connected_throughout(0, 2, at(0), at(9)));
  EXPECT_FALSE(timeline.is_connected_throughout(0, 2, at(0), at(10)));
  EXPECT_FALSE(timeline.is_connected_throughout(0, 2, at(19), at(70)));
  EXPECT_TRUE(timeline.is_connected_throughout(0, 2, at(20), at(70)));
  EXPECT_TRUE(timeline.is_connected_throughout(2, 3, at(10), at(49)));
  EXPECT_FALSE(timeline.is_connected_throughout(2, 3, at(10), at(50)));
  EXPECT_TRUE(timeline.is_connected_throughout(0, 1, at(0), at(100)));
  EXPECT_TRUE(timeline.is_connected_throughout(3, 3, at(0), at(100)));
}

TEST(FaultTimeline, AnIsolatedPeerReachesNobody) {
  FaultTimelineBuilder faults = builder();
  faults.add_isolation(1, from(10, 20));
  const FaultTimeline timeline = faults.build();
  EXPECT_FALSE(timeline.is_connected_throughout(0, 1, at(5), at(10)));
  EXPECT_FALSE(timeline.is_connected_throughout(1, 0, at(19), at(30)));
  EXPECT_TRUE(timeline.is_connected_throughout(1, 0, at(20), at(30)));
  EXPECT_TRUE(timeline.is_connected_throughout(0, 2, at(5), at(10)));
  EXPECT_TRUE(timeline.is_connected_throughout(1, 1, at(15), at(15)));
  EXPECT_TRUE(timeline.is_up(1, at(15)));
}

TEST(FaultTimeline, CorruptionHitsItsShare) {
  FaultTimelineBuilder faults = builder();
  faults.add_corruption(0, from(10, 100), 0.25);
  faults.add_corruption(0, from(50, 100), 0.5);
  const FaultTimeline timeline = faults.build();
  int early = 0;
  int late = 0;
  constexpr int kMessages = 40'000;
  for (int sequence = 0; sequence < kMessages; ++sequence) {
    EXPECT_FALSE(timeline.corrupts(0, sequence, at(9)));
    EXPECT_FALSE(timeline.corrupts(0, sequence, at(100)));
    EXPECT_FALSE(timeline.corrupts(1, sequence, at(50)));
    const bool is_early = timeline.corrupts(0, sequence, at(10));
    const bool is_late = timeline.corrupts(0, sequence, at(50));
    EXPECT_LE(is_early, is_late);  // A second fault spares nothing that the first hits.
    early += is_early ? 1 : 0;
    late += is_late ? 1 : 0;
  }
  // 1 - 0.75 * 0.5 = 0.625; four standard deviations are at most 4 * 0.5 * sqrt(40000) = 400.
  EXPECT_NEAR(early, 0.25 * kMessages, 400);
  EXPECT_NEAR(late, 0.625 * kMessages, 400);
}

TEST(FaultTimeline, CorruptionDependsOnSenderSequenceAndSeed) {
  const auto hit = [](std::uint64_t seed, PeerId from_peer) {
    FaultTimelineBuilder faults(2, Rng(seed));
    for (const PeerId peer : {0, 1}) faults.add_corruption(peer, since(0), 0.5);
    const FaultTimeline timeline = faults.build();
    std::vector<bool> hits;
    for (int sequence = 0; sequence < 64; ++sequence) {
      hits.push_back(timeline.corrupts(from_peer, sequence, at(sequence)));
    }
    return hits;
  };
  EXPECT_EQ(hit(1, 0), hit(1, 0));
  EXPECT_NE(hit(1, 0), hit(1, 1));
  EXPECT_NE(hit(1, 0), hit(2, 0));
  FaultTimelineBuilder certain = builder();
  certain.add_corruption(0, since(0), 1.0);
  EXPECT_TRUE(certain.build().corrupts(0, 77, at(0)));
}

TEST(FaultTimeline, DataAreGoneFromTheEarliestLossOn) {
  FaultTimelineBuilder faults = builder();
  faults.add_data_loss(1, at(20));
  faults.add_data_loss(1, at(10));
  faults.add_data_loss(1, at(30));
  faults.add_freeze(2, from(5, 6));
  const FaultTimeline timeline = faults.build();
  EXPECT_FALSE(timeline.is_empty());
  EXPECT_TRUE(timeline.owns_data(1, at(9)));
  EXPECT_FALSE(timeline.owns_data(1, at(10)));
  EXPECT_FALSE(timeline.owns_data(1, at(1'000)));
  EXPECT_TRUE(timeline.is_up(1, at(10)));
  for (const PeerId other : {0, 2}) EXPECT_TRUE(timeline.owns_data(other, at(1'000)));
  EXPECT_TRUE(FaultTimeline().owns_data(3, at(10)));
}

TEST(FaultTimeline, ClocksRunAtTheirOwnRate) {
  FaultTimelineBuilder faults = builder();
  faults.set_clock(0, 0.25, at(1000));
  faults.set_clock(1, -0.5, at(-3));
  const FaultTimeline timeline = faults.build();
  EXPECT_EQ(timeline.local_time(0, at(0)), at(1000));
  EXPECT_EQ(timeline.local_time(0, at(8)), at(1010));
  EXPECT_EQ(timeline.local_time(0, at(7)), at(1008));  // floor(8.75)
  EXPECT_EQ(timeline.local_time(1, at(10)), at(2));
  // 10 more of a clock that gains a quarter take 8; of one at half speed, 20.
  EXPECT_EQ(timeline.timer_due(0, at(0), at(10)), at(8));
  EXPECT_EQ(timeline.timer_due(1, at(4), at(10)), at(24));
  EXPECT_EQ(timeline.timer_due(1, at(4), SimTime::max()), SimTime::max());
  EXPECT_EQ(timeline.local_time(0, SimTime::max()), SimTime::max());
}

TEST(FaultTimeline, ClocksAreMonotoneAndTimersGoOffAsSoonAsTheyMay) {
  for (const double rate : {-0.9, -0.3, -1e-4, 0.0, 1e-9, 3e-5, 0.1, 2.7}) {
    FaultTimelineBuilder faults = builder();
    faults.set_clock(0, rate, at(-17));
    const FaultTimeline timeline = faults.build();
    for (std::int64_t now = 0; now < 50; ++now) {
      const SimTime shown = timeline.local_time(0, at(now));
      EXPECT_LE(shown, timeline.local_time(0, at(now + 1)));
      for (std::int64_t delay = 0; delay < 50; ++delay) {
        std::int64_t due = now;
        while (timeline.local_time(0, at(due)) - shown < at(delay)) ++due;
        EXPECT_EQ(timeline.timer_due(0, at(now), at(delay)), at(due)) << rate;
      }
    }
    EXPECT_NEAR((timeline.local_time(0, at(1'000'000'000)) - at(-17)).seconds(), 1.0 + rate, 2e-9);
  }
}

TEST(FaultTimeline, NotesAscend) {
  FaultTimelineBuilder faults = builder();
  faults.add_note({at(9), "heal", ""});
  faults.add_note({at(5), "partition", "[0-1] [2-3]"});
  faults.add_note({at(9), "link_down", "[0, 1]"});
  const FaultTimeline timeline = faults.build();
  const std::vector<WorldNote> notes(timeline.notes().begin(), timeline.notes().end());
  EXPECT_EQ(notes, (std::vector<WorldNote>{{at(5), "partition", "[0-1] [2-3]"},
                                           {at(9), "heal", ""},
                                           {at(9), "link_down", "[0, 1]"}}));
}

}  // namespace
}  // namespace hearsay

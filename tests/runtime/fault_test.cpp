// What faults do to a simulation, and how D-PSGD gets on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Status = SimulationOutcome::Status;

constexpr SimTime kForever = SimTime::max();

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

Graph ring_of(int n) { return make_chosen(TopologyOptions{}, n, Rng(1)); }

// A round of these runs takes 6 ms: two steps of 2 ms, 1 ms latency, 1 ms aggregation.
SmallOutcome run_ring(int n, const SmallRun& run) {
  const EchoProblem problem;
  return run_small(problem, MixingMatrix::metropolis_hastings(ring_of(n)), run);
}

DpsgdOptions policy(MissingPolicy missing, MissingWeight weight = MissingWeight::kRenormalize) {
  return {.missing = missing, .timeout = ms(10), .missing_weight = weight};
}

FaultTimeline crash_of(int n, PeerId peer, SimTime at, SimTime until = kForever,
                       Departure how = Departure::kCrash) {
  FaultTimelineBuilder builder(n, Rng(1));
  builder.add_down(peer, {at, until}, how);
  return builder.build();
}

// The round that each peer had done when the run ended.
std::vector<int> last_rounds(const SmallOutcome& result, int n) {
  std::vector<int> rounds(static_cast<std::size_t>(n));
  for (std::size_t round = 0; round < result.models.size(); ++round) {
    for (std::size_t peer = 0; peer < rounds.size(); ++peer) {
      if (!result.models[round][peer].empty()) rounds[peer] = static_cast<int>(round) + 1;
    }
  }
  return rounds;
}

TEST(Faults, ACrashStallsThoseThatWaitAndNamesWhomTheyWaitFor) {
  // Peer 2 of a ring of 6 dies in round 3, while it trains.
  const SmallOutcome result = run_ring(6, {.rounds = 20, .faults = crash_of(6, 2, ms(13))});
  EXPECT_EQ(result.outcome.status, Status::kStalled);
  EXPECT_EQ(result.outcome.live_peers, 5);
  EXPECT_EQ(result.outcome.lost_peers, 1);
  EXPECT_FALSE(result.outcome.model_digest);
  ASSERT_EQ(result.outcome.waiting.size(), 5U);
  EXPECT_EQ(result.outcome.waiting[1].peer, 1);
  EXPECT_EQ(result.outcome.waiting[1].waits_for, std::vector<PeerId>{2});
  EXPECT_EQ(result.outcome.waiting[2].peer, 3);
  EXPECT_EQ(result.outcome.waiting[2].waits_for, std::vector<PeerId>{2});
}

TEST(Faults, SurvivorsFinishWithEitherPolicyAndTheDeadSendsNothing) {
  for (const MissingPolicy missing : {MissingPolicy::kDrop, MissingPolicy::kLastModel}) {
    const SmallOutcome result =
        run_ring(6, {.rounds = 20, .protocol = policy(missing), .faults = crash_of(6, 2, ms(13))});
    EXPECT_EQ(result.outcome.status, Status::kDone);
    EXPECT_EQ(last_rounds(result, 6), (std::vector<int>{20, 20, 2, 20, 20, 20}));
    // 5 peers x 20 rounds x 2 neighbors, and 2 rounds of the dead one.
    EXPECT_EQ(result.outcome.totals.messages_sent, 5 * 20 * 2 + 2 * 2);
    EXPECT_EQ(result.outcome.totals.wasted_steps, 2) << "it was training";
  }
}

TEST(Faults, OneTimeoutIsPaidForADeadNeighborNotOnePerRound) {
  const SmallOutcome result = run_ring(
      6,
      {.rounds = 20, .protocol = policy(MissingPolicy::kDrop), .faults = crash_of(6, 2, ms(13))});
  // 20 rounds of 6 ms; in round 3 its neighbors wait 10 ms instead of the 1 ms latency.
  EXPECT_EQ(result.outcome.end, ms(20 * 6 + 9));
}

TEST(Faults, MissingWeightGoesWhereThePolicySays) {
  // Three peers in a ring: all weights 1/3. Peer 2 is dead from the start; after one round
  // peer 0 combines 0 + 2 (its own two steps) and 1 + 2.
  const auto model_of_peer_0 = [](MissingWeight weight) {
    return run_ring(3, {.rounds = 1,
                        .protocol = policy(MissingPolicy::kDrop, weight),
                        .faults = crash_of(3, 2, ms(1))})
        .models[0][0]
        .values()[0];
  };
  EXPECT_FLOAT_EQ(model_of_peer_0(MissingWeight::kRenormalize), 0.5F * 2 + 0.5F * 3);
  EXPECT_FLOAT_EQ(model_of_peer_0(MissingWeight::kSelf), 2.0F / 3 * 2 + 1.0F / 3 * 3);
}

TEST(Faults, TheLastModelStandsInForADeadNeighbor) {
  // Ring of 3, as above, but peer 2 lives through one round and sends 2 + 2 = 4. In round 2
  // peers 0 and 1 hold (2 + 3 + 4) / 3 = 3, train to 5, and hear 5 and the old 4.
  const SmallOutcome result = run_ring(3, {.rounds = 2,
                                           .protocol = policy(MissingPolicy::kLastModel),
                                           .faults = crash_of(3, 2, ms(7))});
  EXPECT_FLOAT_EQ(result.models[1][0].values()[0], (5.0F + 5.0F + 4.0F) / 3);
  EXPECT_EQ(result.outcome.totals.staleness[1], 2) << "one stale model each at peers 0 and 1";
}

TEST(Faults, ARestartedPeerGoesOnFromItsLastRoundAndCatchesUp) {
  for (const MissingPolicy missing : {MissingPolicy::kWait, MissingPolicy::kDrop}) {
    const SmallOutcome result = run_ring(
        6, {.rounds = 20, .protocol = policy(missing), .faults = crash_of(6, 2, ms(13), ms(60))});
    EXPECT_EQ(result.outcome.status, Status::kDone);
    EXPECT_EQ(last_rounds(result, 6), std::vector<int>(6, 20));
    ASSERT_EQ(result.changes.size(), 2U);
    EXPECT_EQ(result.changes[1].second.kind, PeerChangeKind::kRestart);
  }
}

TEST(Faults, ARestartWithStateKeepsTheModelAndOneWithoutDoesNot) {
  // A lone peer: its model counts its steps, from its id 0.
  const auto final_value = [](Departure how) {
    const SmallOutcome result =
        run_ring(1, {.rounds = 4, .faults = crash_of(1, 0, ms(12), ms(50), how)});
    return result.models[3][0].values()[0];
  };
  EXPECT_EQ(final_value(Departure::kCrash), 8) << "4 rounds of 2 steps";
  EXPECT_EQ(final_value(Departure::kCrashWithStateLoss), 8) << "all 4 rounds again";
  const SmallOutcome kept = run_ring(1, {.rounds = 4, .faults = crash_of(1, 0, ms(12), ms(50))});
  const SmallOutcome lost = run_ring(
      1, {.rounds = 4, .faults = crash_of(1, 0, ms(12), ms(50), Departure::kCrashWithStateLoss)});
  // A round takes 5 ms alone: two are done at 10 ms, two more or all four follow at 50 ms.
  EXPECT_EQ(kept.outcome.end, ms(50 + 2 * 5));
  EXPECT_EQ(lost.outcome.end, ms(50 + 4 * 5));
}

TEST(Faults, NobodyWaitsForAPeerThatSaidGoodbye) {
  const SmallOutcome result =
      run_ring(6, {.rounds = 20, .faults = crash_of(6, 2, ms(13), kForever, Departure::kLeave)});
  EXPECT_EQ(result.outcome.status, Status::kDone) << "even though the policy is to wait";
  EXPECT_EQ(last_rounds(result, 6), (std::vector<int>{20, 20, 2, 20, 20, 20}));
}

TEST(Faults, APeerThatJoinsLateSkipsToTheOthersRound) {
  const SmallOutcome result = run_ring(
      6, {.rounds = 20,
          .faults = crash_of(6, 2, FaultTimelineBuilder::kBeforeStart, ms(40), Departure::kLeave)});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_EQ(last_rounds(result, 6), std::vector<int>(6, 20));
  EXPECT_TRUE(result.models[2][2].empty()) << "it was not there in round 3";
}

// One kind of trouble for a ring of 6, from round 3 on.
struct Trouble {
  const char* name;
  FaultTimeline faults;
  NetworkOptions network = LinksOptions{.passage = {.latency = {1'000'000}}};
};

std::vector<Trouble> troubles() {
  FaultTimelineBuilder freeze(6, Rng(1));
  freeze.add_freeze(2, {ms(13), ms(80)});
  FaultTimelineBuilder partition(6, Rng(1));
  partition.add_partition({0, 0, 0, 1, 1, 1}, {ms(13), ms(60)});
  return {{"crash", crash_of(6, 2, ms(13))},
          {"freeze", freeze.build()},
          {"loss", {}, LinksOptions{.passage = {.latency = {1'000'000}, .loss = {0.3}}}},
          {"partition", partition.build()}};
}

TEST(Faults, EveryPolicyEndsUnderEveryTrouble) {
  for (const Trouble& trouble : troubles()) {
    for (const MissingPolicy missing :
         {MissingPolicy::kWait, MissingPolicy::kDrop, MissingPolicy::kLastModel}) {
      for (const MissingWeight weight : {MissingWeight::kRenormalize, MissingWeight::kSelf}) {
        const SmallOutcome result = run_ring(6, {.rounds = 20,
                                                 .network = trouble.network,
                                                 .protocol = policy(missing, weight),
                                                 .faults = trouble.faults});
        // Who waits for ever stalls, unless what it waits for comes after all.
        const bool stalls =
            missing == MissingPolicy::kWait && trouble.name != std::string("freeze");
        EXPECT_EQ(result.outcome.status, stalls ? Status::kStalled : Status::kDone)
            << trouble.name << ", policy " << static_cast<int>(missing);
        EXPECT_EQ(result.outcome.waiting.empty(), !stalls);
        for (const WaitingPeer& waiting : result.outcome.waiting) {
          EXPECT_FALSE(waiting.waits_for.empty()) << trouble.name;
        }
      }
    }
  }
}

TEST(Faults, AFreezeDelaysAPeerByItsLengthAndLosesNothing) {
  FaultTimelineBuilder builder(6, Rng(1));
  builder.add_freeze(2, {ms(8), ms(20)});
  const SmallOutcome frozen = run_ring(6, {.rounds = 5, .faults = builder.build()});
  const SmallOutcome plain = run_ring(6, {.rounds = 5});
  EXPECT_EQ(frozen.outcome.status, Status::kDone);
  EXPECT_EQ(frozen.outcome.model_digest, plain.outcome.model_digest);
  // It trains from 6 to 8 ms, and from 20 to 22 ms; its neighbors' models are there.
  EXPECT_EQ(frozen.times[1][2], ms(22 + 1));
  EXPECT_EQ(frozen.outcome.end, plain.outcome.end + ms(12));
}

TEST(Faults, ASlowDownStretchesWork) {
  FaultTimelineBuilder builder(1, Rng(1));
  builder.add_slow_down(0, {ms(0), kForever}, 3.0);
  const SmallOutcome result = run_ring(1, {.rounds = 2, .faults = builder.build()});
  EXPECT_EQ(result.outcome.end, ms(2 * 3 * 5));
}

TEST(Faults, APartitionLosesWhatCrossesItAndBothSidesGoOn) {
  FaultTimelineBuilder builder(6, Rng(1));
  builder.add_partition({0, 0, 0, 1, 1, 1}, {ms(12), ms(60)});
  const SmallOutcome dropped = run_ring(
      6, {.rounds = 20, .protocol = policy(MissingPolicy::kDrop), .faults = builder.build()});
  EXPECT_EQ(dropped.outcome.status, Status::kDone);
  EXPECT_GT(dropped.outcome.totals.messages_lost, 0);
  // Messages cross two edges of the ring, both ways, once a round.
  EXPECT_EQ(dropped.outcome.totals.messages_lost % 4, 0);
  const SmallOutcome waited = run_ring(6, {.rounds = 20, .faults = builder.build()});
  EXPECT_EQ(waited.outcome.status, Status::kStalled);
}

TEST(Faults, AMessageUnderWayWhenItsSenderCrashesIsLostUnlessItHasLeft) {
  // A pair of peers; 4-byte models plus header take about 0.1 s at 1 kB/s. Both have
  // trained at 4 ms. Peer 1 dies while its message leaves, or after it.
  const auto lost_if_dead_at = [](SimTime at) {
    return run_ring(2, {.rounds = 1,
                        .network = LinksOptions{.links = {.up = {1000.0}}},
                        .protocol = policy(MissingPolicy::kDrop),
                        .faults = crash_of(2, 1, at)})
        .outcome.totals.messages_lost;
  };
  EXPECT_EQ(lost_if_dead_at(ms(10)), 2) << "its own, and the one to it";
  EXPECT_EQ(lost_if_dead_at(SimTime::from_seconds(4)), 0);
}

TEST(Faults, AlteredMessagesAreRefusedAndCounted) {
  FaultTimelineBuilder builder(4, Rng(1));
  builder.add_corruption(1, {ms(0), kForever}, 1.0);
  const SmallOutcome result = run_ring(
      4, {.rounds = 5, .protocol = policy(MissingPolicy::kDrop), .faults = builder.build()});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_EQ(result.outcome.totals.messages_refused, 2 * 5) << "all that peer 1 sent";
}

TEST(Faults, AFastClockLosesPatienceEarlier) {
  // Peer 1 of a ring of 3 is dead; peer 0's clock runs at twice the speed.
  const auto end_with_rate = [](double rate) {
    FaultTimelineBuilder builder(2, Rng(1));
    builder.add_down(1, {ms(1), kForever}, Departure::kCrash);
    builder.set_clock(0, rate, ms(0));
    return run_ring(
               2,
               {.rounds = 1, .protocol = policy(MissingPolicy::kDrop), .faults = builder.build()})
        .outcome.end;
  };
  EXPECT_EQ(end_with_rate(0.0), ms(4 + 10 + 1));
  EXPECT_EQ(end_with_rate(1.0), ms(4 + 5 + 1));
}

TEST(Faults, WhoLosesItsDataTrainsNoMoreButRelays) {
  // A pair that starts with 0 and 1, weights 1/2. Peer 1 loses its data while it trains for
  // round 2: those steps are still taken. Round 1: (2 + 3) / 2 = 2.5; round 2: both 4.5;
  // round 3: peer 0 trains to 6.5, peer 1 sends 4.5.
  FaultTimelineBuilder builder(2, Rng(1));
  builder.add_data_loss(1, ms(8));
  const SmallOutcome result = run_ring(2, {.rounds = 3, .faults = builder.build()});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_FLOAT_EQ(result.models[1][0].values()[0], 4.5F);
  EXPECT_FLOAT_EQ(result.models[2][0].values()[0], 5.5F);
  EXPECT_FLOAT_EQ(result.models[2][1].values()[0], 5.5F);
  EXPECT_EQ(result.times[2][1], ms(3 * 6)) << "it waits for its neighbor";
  EXPECT_EQ(result.outcome.totals.steps, 3 * 2 + 2 * 2);
}

TEST(Faults, WhoLosesItsDataWeighsNothingAsADataHolder) {
  // As above, by data weights: in round 3 both take the model of peer 0. If peer 0 never has
  // data, both take 1 + 2 from peer 1 in round 1; later nobody weighs anything, and each
  // keeps its own.
  FaultTimelineBuilder builder(2, Rng(1));
  builder.add_data_loss(1, ms(8));
  SmallRun run{.rounds = 3, .aggregator = DecavgOptions{}, .faults = builder.build()};
  const SmallOutcome one = run_ring(2, run);
  EXPECT_FLOAT_EQ(one.models[0][1].values()[0], 2.5F);
  EXPECT_FLOAT_EQ(one.models[2][0].values()[0], 6.5F);
  EXPECT_FLOAT_EQ(one.models[2][1].values()[0], 6.5F);
  builder.add_data_loss(0, ms(0));
  run.faults = builder.build();
  const SmallOutcome both = run_ring(2, run);
  EXPECT_FLOAT_EQ(both.models[2][0].values()[0], 3.0F);
  EXPECT_FLOAT_EQ(both.models[2][1].values()[0], 5.0F);
}

TEST(Faults, APeerMayFailBeforeItHasStarted) {
  // At time 0, or while it is frozen from time 0 on: it never starts.
  for (const Departure how : {Departure::kCrash, Departure::kLeave}) {
    for (const bool frozen : {false, true}) {
      FaultTimelineBuilder builder(4, Rng(1));
      if (frozen) builder.add_freeze(2, {ms(0), ms(50)});
      builder.add_down(2, {frozen ? ms(3) : ms(0), kForever}, how);
      const SmallOutcome result = run_ring(
          4, {.rounds = 5, .protocol = policy(MissingPolicy::kDrop), .faults = builder.build()});
      EXPECT_EQ(result.outcome.status, Status::kDone);
      EXPECT_EQ(last_rounds(result, 4), (std::vector<int>{5, 5, 0, 5}));
    }
  }
}

TEST(Faults, OutcomesDoNotDependOnWorkersOrLoops) {
  const Graph graph = make_chosen(RandomRegularOptions{.degree = 4}, 40, Rng(2));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  FaultTimelineBuilder builder(40, Rng(9));
  for (PeerId peer = 0; peer < 40; peer += 3) {
    builder.add_down(peer, {ms(5 + 2 * peer), ms(30 + 3 * peer)},
                     peer % 2 == 0 ? Departure::kCrash : Departure::kCrashWithStateLoss);
    builder.add_corruption((peer + 1) % 40, {ms(0), kForever}, 0.1);
    builder.add_data_loss((peer + 2) % 40, ms(2 * peer));
  }
  builder.add_freeze(2, {ms(10), ms(25)});
  SmallRun run{.rounds = 12,
               .network = LinksOptions{.passage = {.latency = {300'000}, .loss = {0.05}}},
               .compute = LognormalComputeOptions{.sigma = 1.0},
               .protocol = policy(MissingPolicy::kDrop),
               .faults = builder.build()};
  const EchoProblem cheap(true);
  const SmallOutcome expected = run_small(cheap, mixing, run);
  EXPECT_EQ(expected.outcome.status, Status::kDone);
  for (const int loops : {2, 5}) {
    run.loops = loops;
    const SmallOutcome result = run_small(cheap, mixing, run);
    EXPECT_EQ(result.outcome.event_digest, expected.outcome.event_digest) << loops;
    EXPECT_EQ(result.outcome.model_digest, expected.outcome.model_digest) << loops;
  }
  run.loops = 1;
  const EchoProblem costly;
  for (const int workers : {1, 3}) {
    run.workers = workers;
    const SmallOutcome result = run_small(costly, mixing, run);
    EXPECT_EQ(result.outcome.event_digest, expected.outcome.event_digest) << workers;
  }
}

}  // namespace
}  // namespace hearsay

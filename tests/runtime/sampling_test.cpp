// Looking at all peers at one moment, and ending at one.
#include <gtest/gtest.h>

#include <vector>

#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Status = SimulationOutcome::Status;

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

// A round takes 6 ms: two steps of 2 ms, 1 ms latency, 1 ms aggregation.
SmallOutcome run_ring(int n, const SmallRun& run, bool cheap = false) {
  const EchoProblem problem(cheap);
  const Graph ring = make_chosen(RingOptions{}, n, Rng(1));
  return run_small(problem, MixingMatrix::metropolis_hastings(ring), run);
}

std::vector<int> rounds_of(const SmallSample& sample) {
  std::vector<int> rounds;
  for (const PeerSample& peer : sample.peers) rounds.push_back(peer.round);
  return rounds;
}

TEST(Sampling, ShowsWhatHadHappenedBeforeThatMoment) {
  const SmallOutcome result = run_ring(4, {.rounds = 3, .sampling = {.every = ms(6)}});
  ASSERT_EQ(result.samples.size(), 4U);
  const std::vector<SimTime> times = {ms(6), ms(12), ms(18), ms(18)};
  // Rounds end at 6, 12 and 18 ms: at 6 ms that has not happened yet.
  const std::vector<int> rounds = {0, 1, 2, 3};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(result.samples[k].time, times[k]);
    EXPECT_EQ(rounds_of(result.samples[k]), std::vector<int>(4, rounds[k]));
    EXPECT_EQ(result.samples[k].is_last, k == 3);
  }
  EXPECT_EQ(result.samples[0].peers[2].model.values()[0], 2.0F) << "the initial model";
  EXPECT_EQ(result.samples[0].peers[2].counters.steps, 2) << "has trained, not aggregated";
  EXPECT_TRUE(result.samples[3].peers[1].model.buffer().shares_with(result.models[2][1].buffer()));
}

TEST(Sampling, LeavesPeersOutThatAreDown) {
  FaultTimelineBuilder builder(4, Rng(1));
  builder.add_down(1, {ms(7), ms(13)}, Departure::kCrash);
  const SmallOutcome result =
      run_ring(4, {.rounds = 5,
                   .protocol = DpsgdOptions{.missing = MissingPolicy::kDrop, .timeout = ms(2)},
                   .faults = builder.build(),
                   .sampling = {.every = ms(10)}});
  ASSERT_GE(result.samples.size(), 2U);
  EXPECT_EQ(result.samples[0].peers.size(), 3U);
  EXPECT_EQ(result.samples[0].peers[1].peer, 2);
  EXPECT_EQ(result.samples[1].peers.size(), 4U);
}

TEST(Sampling, ChangesNoResult) {
  const SmallOutcome without = run_ring(6, {.rounds = 7});
  const SmallOutcome with = run_ring(6, {.rounds = 7, .sampling = {.every = ms(1)}});
  EXPECT_EQ(with.outcome.event_digest, without.outcome.event_digest);
  EXPECT_EQ(with.outcome.model_digest, without.outcome.model_digest);
  EXPECT_EQ(with.samples.size(), 42U + 1U);
}

TEST(Sampling, IsTheSameForAnyNumberOfLoops) {
  const SmallRun run{.rounds = 9,
                     .compute = LognormalComputeOptions{.sigma = 1.0},
                     .sampling = {.every = {3'300'000}, .until = ms(40)}};
  const SmallOutcome alone = run_ring(12, run, true);
  EXPECT_EQ(alone.samples.size(), 13U);
  for (const int loops : {2, 3, 5}) {
    SmallRun together = run;
    together.loops = loops;
    const SmallOutcome result = run_ring(12, together, true);
    EXPECT_EQ(result.outcome.event_digest, alone.outcome.event_digest) << loops;
    EXPECT_EQ(result.outcome.model_digest, alone.outcome.model_digest) << loops;
    ASSERT_EQ(result.samples.size(), alone.samples.size()) << loops;
    for (std::size_t k = 0; k < alone.samples.size(); ++k) {
      EXPECT_EQ(rounds_of(result.samples[k]), rounds_of(alone.samples[k])) << loops << ", " << k;
    }
  }
}

TEST(Until, EndsARunThatIsNotFinished) {
  const SmallOutcome result = run_ring(4, {.rounds = 50, .sampling = {.until = ms(12)}});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_EQ(rounds_of(result.samples.empty() ? SmallSample{} : result.samples[0]),
            std::vector<int>{})
      << "no samples were asked for";
  EXPECT_FALSE(result.models[0][0].empty());
  EXPECT_TRUE(result.models[1][0].empty()) << "round 2 ends at 12 ms, which is too late";
  const SmallOutcome shorter = run_ring(4, {.rounds = 1});
  EXPECT_EQ(result.outcome.model_digest, shorter.outcome.model_digest);
}

TEST(Until, ChangesNothingIfTheRunEndsBefore) {
  const SmallOutcome result = run_ring(4, {.rounds = 3, .sampling = {.until = ms(1'000)}});
  const SmallOutcome free = run_ring(4, {.rounds = 3});
  EXPECT_EQ(result.outcome.end, free.outcome.end);
  EXPECT_EQ(result.outcome.model_digest, free.outcome.model_digest);
}

TEST(Until, DoesNotHideThatNothingGoesOn) {
  FaultTimelineBuilder builder(4, Rng(1));
  builder.add_down(1, {ms(7), SimTime::max()}, Departure::kCrash);
  const SmallOutcome result = run_ring(
      4, {.rounds = 50, .faults = builder.build(), .sampling = {.every = ms(5), .until = ms(900)}});
  EXPECT_EQ(result.outcome.status, Status::kStalled);
  ASSERT_FALSE(result.samples.empty());
  EXPECT_EQ(result.samples.back().time, result.outcome.end);
}

TEST(Sampling, GoesOnAfterAResumeWhereItWas) {
  const SmallRun whole{.rounds = 6, .sampling = {.every = ms(4), .until = ms(33)}};
  const SmallOutcome straight = run_ring(5, whole);
  for (std::int64_t at = 1; at < 30; ++at) {
    SmallRun first = whole;
    first.save_at = ms(at);
    const SmallOutcome part = run_ring(5, first);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    const SmallOutcome rest = run_ring(5, second);
    EXPECT_EQ(part.samples.size() + rest.samples.size(), straight.samples.size()) << at;
    EXPECT_EQ(rest.outcome.model_digest, straight.outcome.model_digest) << at;
  }
}

}  // namespace
}  // namespace hearsay

// run(a + b) equals run(a), save, restore, run(b), bit for bit.
#include <gtest/gtest.h>

#include <vector>

#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

SimTime us(std::int64_t value) { return {value * 1'000}; }

// Many things under way at once: random speeds, narrow links, losses, crashes, timers.
SmallRun busy_run(const NetworkOptions& network) {
  FaultTimelineBuilder builder(30, Rng(9));
  for (PeerId peer = 0; peer < 30; peer += 4) {
    builder.add_down(peer, {us(9'000 + 700 * peer), us(30'000 + 1'100 * peer)},
                     peer % 8 == 0 ? Departure::kCrash : Departure::kCrashWithStateLoss);
  }
  builder.add_freeze(2, {us(10'000), us(25'000)});
  builder.add_corruption(3, {us(0), SimTime::max()}, 0.2);
  return {.rounds = 8,
          .network = network,
          .compute = LognormalComputeOptions{.sigma = 1.0},
          .protocol = DpsgdOptions{.missing = MissingPolicy::kLastModel, .timeout = us(9'000)},
          .faults = builder.build()};
}

class Resume : public testing::TestWithParam<NetworkOptions> {
 protected:
  Graph graph_ = make_chosen(RandomRegularOptions{.degree = 4}, 30, Rng(2));
  MixingMatrix mixing_ = MixingMatrix::metropolis_hastings(graph_);
};

void expect_equal(const SmallOutcome& resumed, const SmallOutcome& straight) {
  EXPECT_EQ(resumed.outcome.status, straight.outcome.status);
  EXPECT_EQ(resumed.outcome.event_digest, straight.outcome.event_digest);
  EXPECT_EQ(resumed.outcome.model_digest, straight.outcome.model_digest);
  EXPECT_EQ(resumed.outcome.events, straight.outcome.events);
  EXPECT_EQ(resumed.outcome.end, straight.outcome.end);
  EXPECT_EQ(resumed.outcome.totals.messages_lost, straight.outcome.totals.messages_lost);
  EXPECT_EQ(resumed.outcome.totals.wasted_steps, straight.outcome.totals.wasted_steps);
  EXPECT_EQ(resumed.outcome.totals.busy, straight.outcome.totals.busy);
  EXPECT_EQ(resumed.outcome.totals.up, straight.outcome.totals.up);
  EXPECT_EQ(resumed.outcome.totals.bytes_received, straight.outcome.totals.bytes_received);
  EXPECT_EQ(resumed.outcome.network.busiest, straight.outcome.network.busiest);
}

TEST_P(Resume, EqualsTheStraightRunFromAnyMomentWithAnyWorkers) {
  const EchoProblem problem;
  const SmallRun whole = busy_run(GetParam());
  const SmallOutcome straight = run_small(problem, mixing_, whole);
  EXPECT_EQ(straight.outcome.status, SimulationOutcome::Status::kDone);
  for (std::int64_t at = 1; at < straight.outcome.end.nanoseconds / 1000; at += 3'457) {
    SmallRun first = whole;
    first.save_at = us(at);
    first.workers = 2;
    const SmallOutcome part = run_small(problem, mixing_, first);
    ASSERT_EQ(part.outcome.status, SimulationOutcome::Status::kInterrupted) << at;
    SmallRun second = whole;
    second.workers = at % 2 == 0 ? 1 : 3;
    second.resume_from = &part.saved;
    SCOPED_TRACE("saved at " + std::to_string(at) + " us");
    expect_equal(run_small(problem, mixing_, second), straight);
  }
}

TEST_P(Resume, SavingAgainAtOnceGivesTheSameBytes) {
  const EchoProblem problem;
  SmallRun run = busy_run(GetParam());
  run.save_at = us(20'000);
  const SmallOutcome part = run_small(problem, mixing_, run);
  run.resume_from = &part.saved;
  run.save_at = us(20'000);
  run.rounds = busy_run(GetParam()).rounds;
  const SmallOutcome again = run_small(problem, mixing_, run);
  EXPECT_GT(again.saved.bytes.size(), part.saved.bytes.size() / 2);
  EXPECT_EQ(part.saved.bytes.empty(), false);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Resume,
    testing::Values(NetworkOptions(LinksOptions{.passage = {.latency = {300'000}, .loss = {0.02}},
                                                .links = {.up = {1e6}, .down = {0.7e6}}}),
                    NetworkOptions(LinksOptions{.passage = {.latency = {300'000},
                                                            .jitter = {200'000},
                                                            .loss = {0.05},
                                                            .retransmit = true,
                                                            .retransmit_timeout = {2'000'000},
                                                            .duplicate = {0.1},
                                                            .reorder = {0.1},
                                                            .reorder_delay = {3'000'000}},
                                                .links = {.up = {1e6}, .down = {0.7e6}}}),
                    NetworkOptions(SharedOptions{
                        .passage = {.latency = {300'000}, .duplicate = {0.1}},
                        .links = {.up = {1e5}, .down = {0.7e5}}})));

TEST(ResumeLoops, TakesOverWhatOtherLoopsSaved) {
  const Graph graph = make_chosen(RandomRegularOptions{.degree = 4}, 30, Rng(2));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const EchoProblem cheap(true);
  const SmallRun whole = busy_run(
      LinksOptions{.passage = {.latency = {300'000}, .loss = {0.02}}, .links = {.up = {1e6}}});
  const SmallOutcome straight = run_small(cheap, mixing, whole);
  for (const int loops : {1, 2, 4}) {
    SmallRun first = whole;
    first.loops = loops;
    first.save_at = us(17'000);
    const SmallOutcome part = run_small(cheap, mixing, first);
    for (const int others : {1, 3}) {
      SmallRun second = whole;
      second.loops = others;
      second.resume_from = &part.saved;
      SCOPED_TRACE(std::to_string(loops) + " loops, then " + std::to_string(others));
      expect_equal(run_small(cheap, mixing, second), straight);
    }
  }
}

}  // namespace
}  // namespace hearsay

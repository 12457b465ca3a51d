#include "node/runtime/simulation.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

Graph ring_of(int n) { return make_chosen(TopologyOptions{}, n, Rng(1)); }

TEST(Simulation, TimesARoundByComputeLatencyAndAggregation) {
  // A ring with equal peers: 2 steps of 2 ms, 1 ms latency, 1 ms aggregation: 6 ms a round.
  const Graph graph = ring_of(6);
  const EchoProblem problem;
  const SmallOutcome result =
      run_small(problem, MixingMatrix::metropolis_hastings(graph), {.rounds = 3});
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
  for (std::size_t round = 0; round < 3; ++round) {
    for (const SimTime time : result.times[round]) {
      EXPECT_EQ(time.nanoseconds, static_cast<std::int64_t>(round + 1) * 6'000'000);
    }
  }
}

TEST(Simulation, ComputesTheModelsThatAPlainLoopComputes) {
  const Graph graph = ring_of(5);
  const EchoProblem problem;
  const SmallOutcome result =
      run_small(problem, MixingMatrix::metropolis_hastings(graph), {.rounds = 4});
  // The obvious version: add 2 (two steps of 1), then average over the ring with 1/3 each.
  std::vector<double> x{0, 1, 2, 3, 4};
  for (std::size_t round = 0; round < 4; ++round) {
    std::vector<double> next(5);
    for (std::size_t i = 0; i < 5; ++i) {
      next[i] = (x[(i + 4) % 5] + x[i] + x[(i + 1) % 5]) / 3 + 2;
    }
    x = next;
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(result.models[round][i].values()[0], x[i], 1e-5) << round << " " << i;
    }
  }
}

TEST(Simulation, CountsEveryMessageAndByte) {
  const Graph graph = ring_of(8);
  const EchoProblem problem;
  const SmallOutcome result =
      run_small(problem, MixingMatrix::metropolis_hastings(graph), {.rounds = 7});
  EXPECT_EQ(result.outcome.totals.messages_sent, 8 * 2 * 7);
  EXPECT_EQ(result.outcome.totals.bytes_sent, 8 * 2 * 7 * wire_bytes(sizeof(float)));
  EXPECT_EQ(result.outcome.totals.messages_lost, 0);
  EXPECT_EQ(result.outcome.totals.messages_refused, 0);
  EXPECT_EQ(result.outcome.totals.models_heard, 8 * 2 * 7);
  EXPECT_EQ(result.outcome.totals.staleness_sum, 0);
  // Per peer a start, and per round a training, an aggregation and two arrivals.
  EXPECT_EQ(result.outcome.events, 8 + 8 * 7 * 4);
}

TEST(Simulation, GivesTheSameDigestsForAnyWorkerCountTransportAndJobPlacement) {
  const Graph graph = make_chosen(RandomRegularOptions{.degree = 4}, 30, Rng(2));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  // Random speeds and narrow links: events of different peers interleave.
  const SmallRun base{.rounds = 6,
                      .network = LinksOptions{.passage = {.latency = {300'000}},
                                              .links = {.up = {1e6}, .down = {0.7e6}}},
                      .compute = LognormalComputeOptions{.sigma = 1.0}};
  const EchoProblem inline_problem(true);
  const SmallOutcome expected = run_small(inline_problem, mixing, base);
  EXPECT_NE(expected.outcome.event_digest, 0U);
  const EchoProblem problem;
  for (const int workers : {1, 2, 4}) {
    for (const TransportKind transport :
         {TransportKind::kInproc, TransportKind::kIpc, TransportKind::kTcp}) {
      SmallRun run = base;
      run.workers = workers;
      run.transport = transport;
      const SmallOutcome result = run_small(problem, mixing, run);
      EXPECT_EQ(result.outcome.event_digest, expected.outcome.event_digest)
          << workers << " workers over " << name_of(transport);
      EXPECT_EQ(result.outcome.model_digest, expected.outcome.model_digest)
          << workers << " workers over " << name_of(transport);
    }
  }
}

TEST(Simulation, GivesTheSameOutcomeForAnyNumberOfLoops) {
  const Graph graph = make_chosen(RandomRegularOptions{.degree = 4}, 31 * 2, Rng(2));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const EchoProblem problem(true);
  SmallRun run{.rounds = 9,
               .network = LinksOptions{.passage = {.latency = {300'000}},
                                       .links = {.up = {1e6}, .down = {0.7e6}}},
               .compute = LognormalComputeOptions{.sigma = 1.0}};
  const SmallOutcome expected = run_small(problem, mixing, run);
  for (const int loops : {2, 3, 7}) {
    run.loops = loops;
    for (const TransportKind transport : {TransportKind::kInproc, TransportKind::kTcp}) {
      if (loops > 3 && transport == TransportKind::kTcp) continue;
      run.transport = transport;
      const SmallOutcome result = run_small(problem, mixing, run);
      EXPECT_EQ(result.outcome.event_digest, expected.outcome.event_digest) << loops << " loops";
      EXPECT_EQ(result.outcome.model_digest, expected.outcome.model_digest) << loops << " loops";
      EXPECT_EQ(result.outcome.events, expected.outcome.events);
      EXPECT_EQ(result.outcome.end, expected.outcome.end);
      EXPECT_EQ(result.times, expected.times);
      EXPECT_EQ(result.outcome.totals.bytes_sent, expected.outcome.totals.bytes_sent);
    }
  }
}

TEST(Simulation, StallsAlikeForAnyNumberOfLoops) {
  const Graph graph = ring_of(12);
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const EchoProblem problem(true);
  SmallRun run{.rounds = 50,
               .network = LinksOptions{.passage = {.latency = {1'000'000}, .loss = {0.2}}}};
  const SmallOutcome expected = run_small(problem, mixing, run);
  run.loops = 3;
  const SmallOutcome result = run_small(problem, mixing, run);
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kStalled);
  EXPECT_EQ(result.outcome.event_digest, expected.outcome.event_digest);
  EXPECT_EQ(result.outcome.waiting.size(), expected.outcome.waiting.size());
}

TEST(SuggestedLoops, AreSeveralOnlyForManyCheapPeersWithLatency) {
  const EchoProblem cheap(true);
  const EchoProblem costly(false);
  const auto slow = make_network(LinksOptions{.passage = {.latency = {1}}}, 1, Rng(1));
  const auto instant = make_network(LinksOptions{.passage = {.latency = {0}}}, 1, Rng(1));
  EXPECT_EQ(suggested_loops(cheap, *slow, 100'000, 2), 2);
  EXPECT_EQ(suggested_loops(cheap, *slow, 100'000, 1), 1);
  EXPECT_EQ(suggested_loops(cheap, *slow, 100, 2), 1);
  EXPECT_EQ(suggested_loops(costly, *slow, 100'000, 2), 1);
  EXPECT_EQ(suggested_loops(cheap, *instant, 100'000, 2), 1);
}

TEST(Simulation, DigestsTellRunsApart) {
  const Graph graph = ring_of(6);
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const EchoProblem problem;
  const SimulationOutcome base = run_small(problem, mixing, {}).outcome;
  const SimulationOutcome slower =
      run_small(problem, mixing, {.network = LinksOptions{.passage = {.latency = {1'000'001}}}})
          .outcome;
  EXPECT_EQ(slower.model_digest, base.model_digest) << "time does not change the models here";
  EXPECT_NE(slower.event_digest, base.event_digest);
  const Graph complete = make_chosen(CompleteOptions{}, 6, Rng(1));
  const SimulationOutcome other =
      run_small(problem, MixingMatrix::metropolis_hastings(complete), {}).outcome;
  EXPECT_NE(other.model_digest, base.model_digest);
}

TEST(Simulation, StallsWithTheWaitingPeersWhenAMessageIsLost) {
  const Graph graph = ring_of(4);
  const EchoProblem problem;
  const SmallOutcome result =
      run_small(problem, MixingMatrix::metropolis_hastings(graph),
                {.rounds = 50, .network = LinksOptions{.passage = {.loss = {0.3}}}});
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kStalled);
  EXPECT_GT(result.outcome.totals.messages_lost, 0);
  ASSERT_FALSE(result.outcome.waiting.empty());
  for (const WaitingPeer& waiting : result.outcome.waiting) {
    ASSERT_FALSE(waiting.waits_for.empty()) << "peer " << waiting.peer;
    for (const PeerId other : waiting.waits_for) {
      EXPECT_TRUE((other + 1) % 4 == waiting.peer || (waiting.peer + 1) % 4 == other);
    }
  }
}

}  // namespace
}  // namespace hearsay

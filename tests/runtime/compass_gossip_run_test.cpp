// FedCompass's schedule without a server, in whole runs.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/runtime/round_evaluator.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Status = SimulationOutcome::Status;

constexpr int kPeers = 12;

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

SmallOutcome run_on(const LearningProblem& problem, const TopologyOptions& topology,
                    const SmallRun& run) {
  const Graph graph = make_chosen(topology, kPeers, Rng(2));
  return run_small(problem, MixingMatrix::metropolis_hastings(graph), run);
}

QuadraticInputs quadratic(double lr) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 4, .condition = 4.0, .spread = 1.0};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = lr};
  inputs.training.local_steps = 1;
  inputs.num_peers = kPeers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return inputs;
}

constexpr CompassGossipOptions kOptions{.q_min = 4, .q_max = 20, .lambda = 1.2};

TEST(CompassGossipRun, BringsPeersOfDifferentSpeedsTogether) {
  // Without training: what is left is the mixing.
  const QuadraticProblem problem(quadratic(1e-30));
  std::vector<ModelBuffer> start;
  for (PeerId peer = 0; peer < kPeers; ++peer) start.push_back(problem.initial_model(peer));
  const SmallOutcome result =
      run_on(problem, RandomRegularOptions{.degree = 4},
             {.rounds = 40, .compute = LognormalComputeOptions{}, .protocol = kOptions});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_LT(consensus_of(result.models.back()).distance, 1e-3 * consensus_of(start).distance);
}

TEST(CompassGossipRun, AgreementIsAFixedPoint) {
  QuadraticInputs inputs = quadratic(1e-30);
  inputs.init = Init::kCommon;
  const QuadraticProblem problem(inputs);
  const SmallOutcome result =
      run_on(problem, RingOptions{},
             {.rounds = 10, .compute = LognormalComputeOptions{}, .protocol = kOptions});
  for (const ModelBuffer& model : result.models.back()) {
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_NEAR(model.values()[k], problem.initial_model(0).values()[k], 1e-5);
    }
  }
}

TEST(CompassGossipRun, ComesNearTheOptimumOfTheMeanObjective) {
  const QuadraticProblem problem(quadratic(0.005));
  const SmallOutcome result =
      run_on(problem, CompleteOptions{}, {.rounds = 300, .protocol = kOptions});
  std::vector<float> at_first(4);
  std::ranges::copy(problem.initial_model(0).values(), at_first.begin());
  for (const ModelBuffer& model : result.models.back()) {
    EXPECT_LT(problem.gap(model.values()), 0.05 * problem.gap(at_first));
  }
}

// Peers whose speeds differ by a factor of up to q_max / q_min, without jitter: a slow peer
// mixes about as often as a fast one, which does more steps meanwhile.
TEST(CompassGossipRun, SlowPeersMixAsOftenAsFastOnes) {
  const EchoProblem problem(true);
  const ComputeOptions classes = ClassesComputeOptions{.shares = {0.5, 0.5}, .factors = {1.0, 4.0}};
  const SamplingPlan sampling{.every = ms(5000), .until = ms(5000)};
  const auto spread_of_rounds = [&](const ProtocolOptions& protocol) {
    const SmallOutcome result =
        run_on(problem, CompleteOptions{},
               {.rounds = 0, .compute = classes, .protocol = protocol, .sampling = sampling});
    int least = result.samples.at(0).peers.at(0).round;
    int most = least;
    for (const PeerSample& peer : result.samples[0].peers) {
      least = std::min(least, peer.round);
      most = std::max(most, peer.round);
    }
    return static_cast<double>(most) / least;
  };
  EXPECT_LT(spread_of_rounds(kOptions), 1.5);
  CompassGossipOptions alike = kOptions;
  alike.q_min = alike.q_max = 10;
  EXPECT_GT(spread_of_rounds(alike), 2.5) << "with equal steps for all";
}

class CompassGossipTrouble : public testing::Test {
 protected:
  static SmallRun troubled() {
    FaultTimelineBuilder builder(kPeers, Rng(9));
    builder.add_down(1, {ms(40), ms(130)}, Departure::kCrash);
    builder.add_down(2, {ms(60), ms(200)}, Departure::kCrashWithStateLoss);
    builder.add_down(3, {ms(50), ms(170)}, Departure::kLeave);
    builder.add_down(4, {ms(90), SimTime::max()}, Departure::kCrash);
    builder.add_down(5, {FaultTimelineBuilder::kBeforeStart, ms(110)}, Departure::kLeave);
    builder.add_freeze(6, {ms(30), ms(120)});
    builder.add_corruption(7, {ms(0), SimTime::max()}, 0.1);
    return {.rounds = 15,
            .network = LinksOptions{.passage = {.latency = {1'000'000},
                                                .loss = {0.1},
                                                .duplicate = {0.1},
                                                .reorder = {0.1},
                                                .reorder_delay = ms(7)}},
            .compute = LognormalComputeOptions{.sigma = 1.0},
            .protocol = kOptions,
            .faults = builder.build()};
  }

  static SmallOutcome run(const LearningProblem& problem, const SmallRun& run) {
    return run_on(problem, RandomRegularOptions{.degree = 4}, run);
  }

  static void expect_equal(const SmallOutcome& other, const SmallOutcome& straight) {
    EXPECT_EQ(other.outcome.status, straight.outcome.status);
    EXPECT_EQ(other.outcome.event_digest, straight.outcome.event_digest);
    EXPECT_EQ(other.outcome.model_digest, straight.outcome.model_digest);
  }
};

TEST_F(CompassGossipTrouble, EveryLivingPeerFinishes) {
  const EchoProblem problem;
  const SmallOutcome result = run(problem, troubled());
  EXPECT_EQ(result.outcome.status, Status::kDone);
  EXPECT_EQ(result.outcome.lost_peers, 1);
}

TEST_F(CompassGossipTrouble, ResumesAtAnyMomentAsIfNothingHadHappened) {
  const EchoProblem problem;
  const SmallRun whole = troubled();
  const SmallOutcome straight = run(problem, whole);
  for (std::int64_t at = 3; ms(at) < straight.outcome.end; at += 97) {
    SmallRun first = whole;
    first.save_at = ms(at);
    first.workers = 2;
    const SmallOutcome part = run(problem, first);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    SCOPED_TRACE("saved at " + std::to_string(at) + " ms");
    expect_equal(run(problem, second), straight);
  }
}

TEST_F(CompassGossipTrouble, DoesTheSameWithSeveralLoops) {
  const EchoProblem problem(true);
  SmallRun whole = troubled();
  const SmallOutcome straight = run(problem, whole);
  for (const int loops : {2, 3}) {
    whole.loops = loops;
    expect_equal(run(problem, whole), straight);
  }
}

}  // namespace
}  // namespace hearsay

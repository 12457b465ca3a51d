// The decentralised optimizers in whole simulations: that they reach what D-PSGD does not, and
// keep to their policies under loss and churn.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/linked_run.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 12;

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

QuadraticProblem problem_of(double lr) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 6, .condition = 5.0, .spread = 1.0};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = lr};
  inputs.training.local_steps = 1;
  inputs.num_peers = kPeers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return QuadraticProblem(inputs);
}

struct NamedOptimizer {
  std::string name;
  ProtocolOptions options;
  bool is_exact = false;  // Reaches the optimum at a constant step, but for rounding.
};

void PrintTo(const NamedOptimizer& optimizer, std::ostream* out) { *out << optimizer.name; }

const std::vector<NamedOptimizer> kOptimizers{{"Dpsgd", DpsgdOptions{}},
                                              {"GradientTracking", GradientTrackingOptions{}, true},
                                              {"ExactDiffusion", ExactDiffusionOptions{}, true},
                                              {"Extra", ExtraOptions{}, true},
                                              {"QgDsgdm", QgDsgdmOptions{}},
                                              {"RelaySum", RelaySumOptions{}, true}};

class OptimizerRuns : public testing::TestWithParam<NamedOptimizer> {
 protected:
  SmallRun run_of(int rounds, MissingPolicy missing = MissingPolicy::kWait) const {
    ProtocolOptions protocol = GetParam().options;
    std::visit(
        [&](auto& options) {
          if constexpr (requires { options.missing = missing; }) {
            options.missing = missing;
            options.timeout = ms(8);
          }
        },
        protocol);
    return {
        .rounds = rounds, .compute = LognormalComputeOptions{.sigma = 0.5}, .protocol = protocol};
  }

  static double worst_gap(const QuadraticProblem& problem, const SmallOutcome& result) {
    double worst = 0.0;
    for (const ModelBuffer& model : result.models.back()) {
      if (!model.empty()) worst = std::max(worst, problem.gap(model.values()));
    }
    return worst;
  }

  Graph graph_ = make_chosen(RingOptions{}, kPeers, Rng(2));
  MixingMatrix mixing_ = MixingMatrix::metropolis_hastings(graph_);
};

TEST_P(OptimizerRuns, ReachTheOptimumOfDifferingObjectivesOrDoNot) {
  const QuadraticProblem problem = problem_of(0.1);
  const SmallOutcome result = run_linked(problem, mixing_, run_of(1500));
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
  const double gap = worst_gap(problem, result);
  if (GetParam().is_exact) {
    EXPECT_LT(gap, 1e-6);
  } else {
    EXPECT_GT(gap, 1e-4);
    EXPECT_LT(gap, 1.0);
  }
}

// A quarter of the peers goes and comes, one for good; some lose what they knew.
FaultTimeline churn() {
  FaultTimelineBuilder builder(kPeers, Rng(9));
  builder.add_down(1, {ms(40), ms(90)}, Departure::kCrash);
  builder.add_down(4, {ms(55), ms(120)}, Departure::kCrashWithStateLoss);
  builder.add_down(6, {ms(30), SimTime::max()}, Departure::kCrash);
  builder.add_down(9, {ms(20), ms(70)}, Departure::kLeave);
  builder.add_down(11, {FaultTimelineBuilder::kBeforeStart, ms(50)}, Departure::kLeave);
  builder.add_freeze(3, {ms(25), ms(45)});
  builder.add_corruption(5, {ms(0), SimTime::max()}, 0.2);
  return builder.build();
}

NetworkOptions lossy(double loss) {
  return LinksOptions{.passage = {.latency = {500'000},
                                  .jitter = {300'000},
                                  .loss = {loss},
                                  .duplicate = {loss},
                                  .reorder = {loss},
                                  .reorder_delay = {2'000'000}}};
}

TEST_P(OptimizerRuns, FinishInSpiteOfLossAndChurn) {
  const QuadraticProblem problem = problem_of(0.1);
  for (const MissingPolicy missing : {MissingPolicy::kDrop, MissingPolicy::kLastModel}) {
    SmallRun run = run_of(120, missing);
    run.network = lossy(0.1);
    run.faults = churn();
    const SmallOutcome result = run_linked(problem, mixing_, run);
    EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
    EXPECT_EQ(result.outcome.live_peers, kPeers - 1);
    EXPECT_TRUE(result.diverged.empty());
    EXPECT_LT(worst_gap(problem, result), 6.0) << "some 1.5 at the start, or alone";
  }
}

TEST_P(OptimizerRuns, StallIfTheyAreToWaitForOneThatIsGone) {
  const QuadraticProblem problem = problem_of(0.1);
  FaultTimelineBuilder builder(kPeers, Rng(9));
  builder.add_down(6, {ms(30), SimTime::max()}, Departure::kCrash);
  SmallRun run = run_of(120);
  run.faults = builder.build();
  const SmallOutcome result = run_linked(problem, mixing_, run);
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kStalled);
  EXPECT_TRUE(std::ranges::any_of(result.outcome.waiting, [](const WaitingPeer& waiting) {
    return waiting.waits_for == std::vector<PeerId>{6};
  }));
}

// With exact gradients a round that is begun again gives the same letter, so that the methods'
// invariants survive.
TEST_P(OptimizerRuns, StayExactThroughCrashesIfTheyWait) {
  // What RelaySum's neighbors say again may be newer than it was.
  if (!GetParam().is_exact || GetParam().name == "RelaySum") return;
  const QuadraticProblem problem = problem_of(0.1);
  FaultTimelineBuilder builder(kPeers, Rng(9));
  for (PeerId peer = 0; peer < kPeers; peer += 3) {
    builder.add_down(peer, {ms(40 + 7 * peer), ms(80 + 7 * peer)}, Departure::kCrash);
  }
  SmallRun run = run_of(1500);
  run.faults = builder.build();
  const SmallOutcome result = run_linked(problem, mixing_, run);
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
  EXPECT_EQ(result.changes.size(), 8U) << "four crashes and restarts";
  EXPECT_LT(worst_gap(problem, result), 1e-6);
}

TEST_P(OptimizerRuns, ResumedEqualTheStraightRun) {
  const QuadraticProblem problem = problem_of(0.1);
  SmallRun whole = run_of(30, MissingPolicy::kDrop);
  whole.network = lossy(0.1);
  whole.faults = churn();
  const SmallOutcome straight = run_linked(problem, mixing_, whole);
  for (const int at : {7, 33, 58, 91}) {
    SmallRun first = whole;
    first.save_at = ms(at);
    const SmallOutcome part = run_linked(problem, mixing_, first);
    ASSERT_EQ(part.outcome.status, SimulationOutcome::Status::kInterrupted);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    const SmallOutcome resumed = run_linked(problem, mixing_, second);
    EXPECT_EQ(resumed.outcome.event_digest, straight.outcome.event_digest) << at;
    EXPECT_EQ(resumed.outcome.model_digest, straight.outcome.model_digest) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(All, OptimizerRuns, testing::ValuesIn(kOptimizers),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace hearsay

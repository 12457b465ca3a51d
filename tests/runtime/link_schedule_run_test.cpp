// D-PSGD along links that vary in time, in whole simulations.

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <string>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/runtime/round_evaluator.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/linked_run.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 16;
constexpr int kDimension = 4;

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

QuadraticProblem problem_of(double lr) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = kDimension, .condition = 5.0, .spread = 1.0};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = lr};
  inputs.training.local_steps = 1;
  inputs.num_peers = kPeers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return QuadraticProblem(inputs);
}

const std::vector<std::pair<std::string, TopologyOptions>> kTopologies{
    {"OnePeerExponential", OnePeerExponentialOptions{}},
    {"Regular", RandomOutOptions{.degree = 2}},
    {"Local", RandomOutOptions{.degree = 2, .draw = OutDraw::kLocal}}};

class VaryingLinks : public testing::TestWithParam<std::pair<std::string, TopologyOptions>> {
 protected:
  // Peers differ much in speed, so that some are rounds ahead of others.
  SmallRun run_of(int rounds) const {
    return {.rounds = rounds, .compute = LognormalComputeOptions{.sigma = 1.5}};
  }

  Graph graph_ = make_chosen(GetParam().second, kPeers, Rng(2));
  MixingMatrix mixing_ = MixingMatrix::metropolis_hastings(graph_);
  std::unique_ptr<LinkSchedule> links_ = chosen_schedule(GetParam().second, kPeers, Rng(2));
};

INSTANTIATE_TEST_SUITE_P(All, VaryingLinks, testing::ValuesIn(kTopologies),
                         [](const auto& tested) { return tested.param.first; });

Eigen::MatrixXd matrix_of(const std::vector<ModelBuffer>& models) {
  Eigen::MatrixXd x(kPeers, kDimension);
  for (int peer = 0; peer < kPeers; ++peer) {
    const auto values = models[static_cast<std::size_t>(peer)].values();
    for (int k = 0; k < kDimension; ++k) x(peer, k) = values[static_cast<std::size_t>(k)];
  }
  return x;
}

// The most rounds that one peer has done more than another.
int widest_drift(const SmallOutcome& result) {
  int widest = 0;
  for (std::size_t fast = 0; fast < result.times.size(); ++fast) {
    for (std::size_t slow = 0; slow < fast; ++slow) {
      if (std::ranges::min(result.times[fast]) < std::ranges::max(result.times[slow])) {
        widest = std::max(widest, static_cast<int>(fast - slow));
      }
    }
  }
  return widest;
}

// Without training, x^{t+1} = W^(t) x^t, however far apart the peers are.
TEST_P(VaryingLinks, MixByTheMatrixOfTheRound) {
  const QuadraticProblem problem = problem_of(1e-30);
  const SmallOutcome result = run_linked(problem, mixing_, run_of(25), links_.get());
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
  EXPECT_GE(widest_drift(result), 2) << "or the test says little";
  EXPECT_EQ(result.outcome.totals.messages_late, 0);
  EXPECT_EQ(result.outcome.totals.staleness_sum, 0);
  std::vector<ModelBuffer> start;
  for (PeerId peer = 0; peer < kPeers; ++peer) start.push_back(problem.initial_model(peer));
  Eigen::MatrixXd x = matrix_of(start);
  for (int round = 0; round < 25; ++round) {
    const auto links = links_->links(round);
    Eigen::MatrixXd w = Eigen::MatrixXd::Zero(kPeers, kPeers);
    for (PeerId to = 0; to < kPeers; ++to) {
      w(to, to) = links->self_weight(to);
      for (const WeightedLink& link : links->senders(to)) w(to, link.from) = link.weight;
    }
    x = w * x;
    ASSERT_TRUE(matrix_of(result.models[static_cast<std::size_t>(round)]).isApprox(x, 1e-5));
  }
}

TEST_P(VaryingLinks, DoNotDependOnTheNumberOfLoops) {
  const QuadraticProblem problem = problem_of(0.1);
  SmallRun run = run_of(20);
  const SmallOutcome one = run_linked(problem, mixing_, run, links_.get());
  run.loops = 3;
  const SmallOutcome three = run_linked(problem, mixing_, run, links_.get());
  EXPECT_EQ(one.outcome.event_digest, three.outcome.event_digest);
  EXPECT_EQ(one.outcome.model_digest, three.outcome.model_digest);
}

TEST_P(VaryingLinks, ApproachTheOptimumOfAll) {
  const QuadraticProblem problem = problem_of(0.02);
  const SmallOutcome result = run_linked(problem, mixing_, run_of(600), links_.get());
  const Consensus consensus = consensus_of(result.models.back());
  // Local draws are doubly stochastic in expectation only.
  EXPECT_LT(problem.gap(consensus.mean.values()), GetParam().first == "Local" ? 0.05 : 1e-3);
}

FaultTimeline churn() {
  FaultTimelineBuilder builder(kPeers, Rng(9));
  builder.add_down(1, {ms(40), ms(90)}, Departure::kCrash);
  builder.add_down(4, {ms(55), ms(120)}, Departure::kCrashWithStateLoss);
  builder.add_down(6, {ms(30), SimTime::max()}, Departure::kCrash);
  builder.add_down(9, {ms(20), ms(70)}, Departure::kLeave);
  builder.add_down(11, {FaultTimelineBuilder::kBeforeStart, ms(50)}, Departure::kLeave);
  builder.add_freeze(3, {ms(25), ms(45)});
  builder.add_isolation(8, {ms(60), ms(100)});
  return builder.build();
}

TEST_P(VaryingLinks, FinishInSpiteOfLossAndChurn) {
  const QuadraticProblem problem = problem_of(0.05);
  for (const MissingPolicy missing : {MissingPolicy::kDrop, MissingPolicy::kLastModel}) {
    SmallRun run = run_of(60);
    run.protocol = DpsgdOptions{.missing = missing, .timeout = ms(10)};
    run.network = LinksOptions{
        .passage = {.latency = {500'000}, .jitter = {300'000}, .loss = {0.1}, .duplicate = {0.1}}};
    run.faults = churn();
    const SmallOutcome result = run_linked(problem, mixing_, run, links_.get());
    EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
    EXPECT_EQ(result.outcome.live_peers, kPeers - 1);
  }
}

// All that others wait for comes again: nobody is lost for good, so waiting is enough.
TEST_P(VaryingLinks, WaitForThoseWhoRestart) {
  const QuadraticProblem problem = problem_of(0.05);
  FaultTimelineBuilder builder(kPeers, Rng(9));
  for (PeerId peer = 0; peer < kPeers; peer += 3) {
    builder.add_down(peer, {ms(20 + 5 * peer), ms(60 + 9 * peer)}, Departure::kCrash);
  }
  SmallRun run = run_of(60);
  run.faults = builder.build();
  const SmallOutcome result = run_linked(problem, mixing_, run, links_.get());
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
}

TEST_P(VaryingLinks, ResumedEqualTheStraightRun) {
  const QuadraticProblem problem = problem_of(0.05);
  SmallRun whole = run_of(30);
  whole.protocol = DpsgdOptions{.missing = MissingPolicy::kDrop, .timeout = ms(10)};
  whole.network =
      LinksOptions{.passage = {.latency = {500'000}, .jitter = {300'000}, .loss = {0.05}}};
  whole.faults = churn();
  const SmallOutcome straight = run_linked(problem, mixing_, whole, links_.get());
  for (const int at : {7, 33, 58, 91}) {
    SmallRun first = whole;
    first.save_at = ms(at);
    const SmallOutcome part = run_linked(problem, mixing_, first, links_.get());
    ASSERT_EQ(part.outcome.status, SimulationOutcome::Status::kInterrupted);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    const SmallOutcome resumed = run_linked(problem, mixing_, second, links_.get());
    EXPECT_EQ(resumed.outcome.event_digest, straight.outcome.event_digest) << at;
    EXPECT_EQ(resumed.outcome.model_digest, straight.outcome.model_digest) << at;
  }
}

// With momentum 0 the quasi-global method follows the links as D-PSGD does.
TEST_P(VaryingLinks, AreFollowedByQuasiGlobalMomentum) {
  const QuadraticProblem problem = problem_of(0.05);
  SmallRun run = run_of(20);
  const SmallOutcome dpsgd = run_linked(problem, mixing_, run, links_.get());
  QgDsgdmOptions options;
  options.beta = 0.0;
  run.protocol = options;
  const SmallOutcome quasi = run_linked(problem, mixing_, run, links_.get());
  EXPECT_EQ(quasi.outcome.model_digest, dpsgd.outcome.model_digest);
}

TEST(OnePeerExponential, ReachesConsensusInFourRoundsOfSixteenPeers) {
  const Graph graph = make_graph(OnePeerExponentialOptions{}, kPeers, Rng(2));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const auto links = make_schedule(OnePeerExponentialOptions{}, kPeers, Rng(2));
  const SmallOutcome result = run_linked(problem_of(1e-30), mixing, {.rounds = 4}, links.get());
  EXPECT_GT(consensus_of(result.models[2]).distance, 0.1);
  EXPECT_LT(consensus_of(result.models[3]).distance, 1e-6);
}

}  // namespace
}  // namespace hearsay

// The asynchronous protocols in whole simulations: that they learn, keep what they promise to
// keep, finish in spite of loss and churn, and can be resumed.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/runtime/round_evaluator.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

constexpr int kPeers = 12;
constexpr double kVainRate = 1e-30;

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

QuadraticProblem problem_of(double lr, double spread) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 6, .condition = 5.0, .spread = spread};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = lr};
  inputs.training.local_steps = 1;
  inputs.num_peers = kPeers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return QuadraticProblem(inputs);
}

NetworkOptions lossy(double loss) {
  return LinksOptions{.passage = {.latency = {500'000},
                                  .jitter = {300'000},
                                  .loss = {loss},
                                  .duplicate = {loss},
                                  .reorder = {loss},
                                  .reorder_delay = {2'000'000}}};
}

struct NamedProtocol {
  std::string name;
  ProtocolOptions options;
};

// With delays that suit steps of 2 ms.
const std::vector<NamedProtocol> kProtocols{
    {"Push", GossipOptions{.period = ms(8)}},
    {"Pull", GossipOptions{.style = GossipStyle::kPull, .period = ms(8)}},
    {"PushPull",
     GossipOptions{.style = GossipStyle::kPushPull, .clock = WakeClock::kPoisson, .period = ms(8)}},
    {"GossipLearning",
     GossipOptions{.period = ms(8), .train = GossipTraining::kHeard, .merge = MergeWeights::kAge}},
    {"Tokens", GossipOptions{.period = ms(8),
                             .train = GossipTraining::kHeard,
                             .tokens = TokenAccountOptions{.reactivity = 2, .slack = 2}}},
    {"AdPsgd", AdPsgdOptions{.timeout = ms(8), .attempts = 4}},
    {"Sgp", SgpOptions{.timeout = ms(20)}},
    {"OverlapSgp", SgpOptions{.overlap = 2, .timeout = ms(20)}}};

class GossipFamily : public testing::TestWithParam<NamedProtocol> {
 protected:
  SmallRun run_of(int rounds) const {
    return {.rounds = rounds,
            .compute = LognormalComputeOptions{.sigma = 0.5},
            .protocol = GetParam().options,
            .sampling = {.every = ms(3'600'000)}};
  }

  static double mean_gap(const QuadraticProblem& problem, const SmallOutcome& result) {
    double sum = 0.0;
    for (const PeerSample& peer : result.samples.back().peers) {
      sum += problem.gap(peer.model.values());
    }
    return sum / static_cast<double>(result.samples.back().peers.size());
  }

  Graph graph_ = make_chosen(RandomRegularOptions{.degree = 4}, kPeers, Rng(2));
  MixingMatrix mixing_ = MixingMatrix::metropolis_hastings(graph_);
};

TEST_P(GossipFamily, LearnsTheCommonOptimum) {
  const QuadraticProblem problem = problem_of(0.3, 0.0);
  const SmallOutcome result = run_small(problem, mixing_, run_of(150));
  EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
  EXPECT_LT(mean_gap(problem, result), 1e-6);
}

TEST_P(GossipFamily, ComesNearTheOptimumOfDifferingObjectives) {
  const QuadraticProblem problem = problem_of(0.05, 1.0);
  const SmallOutcome result = run_small(problem, mixing_, run_of(400));
  // Alone every peer would end in its own optimum: a gap of half the sum over the parameters
  // of eigenvalue x variance, 1.4 in the mean.
  EXPECT_LT(mean_gap(problem, result), 0.5);
}

// A quarter of the peers goes and comes, one for good; some lose what they knew.
FaultTimeline churn() {
  FaultTimelineBuilder builder(kPeers, Rng(9));
  builder.add_down(1, {ms(40), ms(90)}, Departure::kCrash);
  builder.add_down(4, {ms(55), ms(120)}, Departure::kCrashWithStateLoss);
  builder.add_down(6, {ms(30), SimTime::max()}, Departure::kCrash);
  builder.add_down(7, {ms(60), SimTime::max()}, Departure::kLeave);
  builder.add_down(9, {ms(20), ms(70)}, Departure::kLeave);
  builder.add_down(11, {FaultTimelineBuilder::kBeforeStart, ms(50)}, Departure::kLeave);
  builder.add_freeze(3, {ms(25), ms(45)});
  builder.add_corruption(5, {ms(0), SimTime::max()}, 0.2);
  return builder.build();
}

TEST_P(GossipFamily, FinishesInSpiteOfLossAndChurn) {
  const QuadraticProblem problem = problem_of(0.3, 0.0);
  for (const double loss : {0.1, 0.4}) {
    SmallRun run = run_of(60);
    run.network = lossy(loss);
    run.faults = churn();
    const SmallOutcome result = run_small(problem, mixing_, run);
    EXPECT_EQ(result.outcome.status, SimulationOutcome::Status::kDone);
    EXPECT_EQ(result.outcome.live_peers, kPeers - 2);
    EXPECT_TRUE(result.diverged.empty());
    EXPECT_LT(mean_gap(problem, result), 0.1) << "1.6 at the start";
  }
}

TEST_P(GossipFamily, ResumedEqualsTheStraightRun) {
  const QuadraticProblem problem = problem_of(0.1, 1.0);
  SmallRun whole = run_of(20);
  whole.network = lossy(0.1);
  whole.faults = churn();
  const SmallOutcome straight = run_small(problem, mixing_, whole);
  for (const int at : {7, 33, 58, 91, 118}) {
    SmallRun first = whole;
    first.save_at = ms(at);
    const SmallOutcome part = run_small(problem, mixing_, first);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    const SmallOutcome resumed = run_small(problem, mixing_, second);
    EXPECT_EQ(resumed.outcome.event_digest, straight.outcome.event_digest) << at;
    EXPECT_EQ(resumed.outcome.model_digest, straight.outcome.model_digest) << at;
  }
}

TEST_P(GossipFamily, ManyLoopsGiveTheSameAsOne) {
  const QuadraticProblem problem = problem_of(0.1, 1.0);
  SmallRun run = run_of(20);
  run.sampling = {};
  const SmallOutcome one = run_small(problem, mixing_, run);
  run.loops = 3;
  EXPECT_EQ(run_small(problem, mixing_, run).outcome.event_digest, one.outcome.event_digest);
}

INSTANTIATE_TEST_SUITE_P(Protocols, GossipFamily, testing::ValuesIn(kProtocols),
                         [](const auto& tested) { return tested.param.name; });

std::vector<double> mean_of(const std::vector<ModelBuffer>& models) {
  std::vector<double> mean(models[0].size());
  for (const ModelBuffer& model : models) {
    for (std::size_t k = 0; k < mean.size(); ++k) {
      mean[k] += model.values()[k] / static_cast<double>(models.size());
    }
  }
  return mean;
}

std::vector<ModelBuffer> initial_models(const QuadraticProblem& problem) {
  std::vector<ModelBuffer> models;
  for (PeerId peer = 0; peer < kPeers; ++peer) models.push_back(problem.initial_model(peer));
  return models;
}

std::vector<ModelBuffer> final_models(const SmallOutcome& result) {
  std::vector<ModelBuffer> models;
  for (const PeerSample& peer : result.samples.back().peers) models.push_back(peer.model);
  return models;
}

void expect_same_mean(const SmallOutcome& result, const QuadraticProblem& problem) {
  const std::vector<double> before = mean_of(initial_models(problem));
  const std::vector<double> after = mean_of(final_models(result));
  for (std::size_t k = 0; k < before.size(); ++k) EXPECT_NEAR(after[k], before[k], 2e-6);
}

TEST(AdPsgdRuns, KeepTheMeanOfAllModelsThoughMessagesAreLostAndCopied) {
  const QuadraticProblem problem = problem_of(kVainRate, 1.0);
  for (const TopologyOptions& topology :
       {TopologyOptions(RingOptions{}), TopologyOptions(StarOptions{})}) {
    const Graph graph = make_chosen(topology, kPeers, Rng(2));
    const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
    const SmallOutcome result =
        run_small(problem, mixing,
                  {.rounds = 100,
                   .network = lossy(0.3),
                   .compute = LognormalComputeOptions{.sigma = 0.5},
                   .protocol = AdPsgdOptions{.timeout = ms(4), .attempts = 100},
                   .sampling = {.every = ms(3'600'000)}});
    EXPECT_GT(result.outcome.totals.messages_lost, 100);
    expect_same_mean(result, problem);
    const double before = consensus_of(initial_models(problem)).distance;
    EXPECT_LT(consensus_of(final_models(result)).distance, 0.1 * before);
  }
}

// x <- P (x - lr H (z - b)), w <- P w, z = x / w with the column-stochastic P of the graph, in
// double. On a star, whose columns differ most.
TEST(SgpRuns, FollowTheIterationOfThePaper) {
  const QuadraticProblem problem = problem_of(0.2, 1.0);
  const Graph graph = make_chosen(StarOptions{}, kPeers, Rng(2));
  constexpr int kRounds = 40;
  const SmallOutcome result = run_small(problem, MixingMatrix::metropolis_hastings(graph),
                                        {.rounds = kRounds,
                                         .compute = LognormalComputeOptions{.sigma = 1.0},
                                         .protocol = SgpOptions{}});
  const std::unique_ptr<Learner> learner = problem.make_learner();
  std::vector<std::vector<double>> x(kPeers, std::vector<double>(6));
  std::vector<double> w(kPeers, 1.0);
  for (std::size_t i = 0; i < kPeers; ++i) {
    const ModelBuffer model = problem.initial_model(static_cast<PeerId>(i));
    std::ranges::copy(model.values(), x[i].begin());
  }
  for (int round = 0; round < kRounds; ++round) {
    auto next_x = std::vector(kPeers, std::vector<double>(6));
    std::vector<double> next_w(kPeers);
    for (std::size_t j = 0; j < kPeers; ++j) {
      std::vector<float> z(6);
      for (std::size_t k = 0; k < 6; ++k) z[k] = static_cast<float>(x[j][k] / w[j]);
      const auto peer = static_cast<PeerId>(j);
      const ModelBuffer trained = learner->train(peer, ModelBuffer::copy_of(z), {}, 1).model;
      for (std::size_t k = 0; k < 6; ++k) x[j][k] += double{trained.values()[k]} - double{z[k]};
      const double share = 1.0 / (graph.degree(peer) + 1);
      const auto give = [&](std::size_t i) {
        for (std::size_t k = 0; k < 6; ++k) next_x[i][k] += share * x[j][k];
        next_w[i] += share * w[j];
      };
      give(j);
      for (const PeerId i : graph.neighbors(peer)) give(static_cast<std::size_t>(i));
    }
    x = next_x;
    w = next_w;
    for (std::size_t i = 0; i < kPeers; ++i) {
      const auto found = result.models[static_cast<std::size_t>(round)][i].values();
      for (std::size_t k = 0; k < 6; ++k) ASSERT_NEAR(found[k], x[i][k] / w[i], 2e-5);
    }
  }
}

TEST(SgpRuns, ReachTheExactMeanThoughAFifthOfTheMessagesIsLost) {
  const QuadraticProblem problem = problem_of(kVainRate, 1.0);
  const std::vector<double> mean = mean_of(initial_models(problem));
  for (const TopologyOptions& topology :
       {TopologyOptions(RingOptions{}), TopologyOptions(StarOptions{})}) {
    const Graph graph = make_chosen(topology, kPeers, Rng(2));
    const SmallOutcome result = run_small(problem, MixingMatrix::metropolis_hastings(graph),
                                          {.rounds = 400,
                                           .network = lossy(0.2),
                                           .compute = LognormalComputeOptions{.sigma = 0.5},
                                           .protocol = SgpOptions{.timeout = ms(10)},
                                           .sampling = {.every = ms(3'600'000)}});
    EXPECT_GT(result.outcome.totals.messages_lost, 500);
    for (const ModelBuffer& model : final_models(result)) {
      for (std::size_t k = 0; k < mean.size(); ++k) EXPECT_NEAR(model.values()[k], mean[k], 5e-5);
    }
  }
}

}  // namespace
}  // namespace hearsay

// Protocols with a plan of the graph, in whole simulations: A2CiD2 and DADAO.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/protocols/a2cid2.hpp"
#include "node/protocols/dadao.hpp"
#include "node/runtime/round_evaluator.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Status = SimulationOutcome::Status;

SimTime ms(std::int64_t value) { return {value * 1'000'000}; }

/// As run_small, with the protocol's plan; run.rounds and run.protocol are not used.
template <class Options>
SmallOutcome run_planned(const LearningProblem& problem, const Graph& graph, const Options& options,
                         const SmallRun& run, std::uint64_t seed = 6) {
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const std::optional<GossipPlan> plan = plan_of(options, graph);
  const auto make_peer = [&](PeerId peer, SimTime now) {
    std::vector<PeerId> absent;
    for (const PeerId other : graph.neighbors(peer)) {
      if (!run.faults.is_up(other, now)) absent.push_back(other);
    }
    const PeerView view{.self = peer,
                        .neighbors = graph.neighbors(peer),
                        .weights = mixing.neighbor_weights(peer),
                        .self_weight = mixing.self_weight(peer),
                        .absent = absent,
                        .rng = Rng(seed)
                                   .split("peer", static_cast<std::uint64_t>(peer))
                                   .split("start", static_cast<std::uint64_t>(now.nanoseconds)),
                        .plan = plan ? &*plan : nullptr};
    return make_protocol(options, view);
  };
  SmallWorld world(problem, graph.num_peers(), run);
  ModelLog log(0, graph.num_peers());
  Simulation simulation(world.with(make_peer), {.loops = run.loops}, log, run.sampling);
  if (run.resume_from != nullptr) {
    LoadingArchive archive(*run.resume_from);
    simulation.persist(archive);
    archive.finish();
  }
  log.result.outcome = simulation.run({.every = run.save_at, .on_pause = [&] {
                                         SavingArchive archive;
                                         simulation.persist(archive);
                                         log.result.saved = archive.take();
                                         world.stop();
                                       }});
  return std::move(log.result);
}

std::vector<ModelBuffer> final_models(const SmallOutcome& result) {
  std::vector<ModelBuffer> models;
  for (const PeerSample& peer : result.samples.back().peers) models.push_back(peer.model);
  return models;
}

QuadraticProblem problem_of(int peers, double lr, double spread, std::uint64_t seed = 7) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 6, .condition = 5.0, .spread = spread};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = lr};
  inputs.training.local_steps = 1;
  inputs.num_peers = peers;
  inputs.init_rng = Rng(seed);
  inputs.training_rng = Rng(8);
  return QuadraticProblem(inputs);
}

NetworkOptions links(SimTime latency, double loss = 0.0) {
  return LinksOptions{.passage = {.latency = latency, .loss = {loss}, .duplicate = {loss}}};
}

// Steps of 2 ms are the unit of time. An own computation gave a variance of 6.9e-3 without
// momentum and 1.4e-4 with it at T = 40, 3.2e-4 and 3.3e-8 at T = 80, in the mean of 20 seeds.
double variance_at(int trainings, bool momentum) {
  const Graph ring = make_chosen(RingOptions{}, 16, Rng(1));
  double sum = 0.0;
  constexpr int kSeeds = 20;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const QuadraticProblem problem = problem_of(16, 1e-30, 1.0, seed);
    const SmallOutcome result =
        run_planned(problem, ring, A2cid2Options{.rounds = 0, .momentum = momentum},
                    {.network = links({}),
                     .sampling = {.every = ms(3'600'000), .until = ms(2) * (trainings + 1)}},
                    seed);
    const double distance = consensus_of(final_models(result)).distance;
    sum += distance * distance / 6.0;
  }
  return sum / kSeeds;
}

TEST(A2cid2Runs, MomentumSpeedsUpConsensusOnARing) {
  for (const int trainings : {40, 80}) {
    const double plain = variance_at(trainings, false);
    const double momentum = variance_at(trainings, true);
    EXPECT_LT(momentum, plain / 10.0) << trainings;
    EXPECT_NEAR(std::log10(plain), trainings == 40 ? std::log10(6.9e-3) : std::log10(3.2e-4), 0.4);
    EXPECT_NEAR(std::log10(momentum), trainings == 40 ? std::log10(1.4e-4) : std::log10(3.3e-8),
                1.0);
  }
}

std::vector<double> mean_of(const std::vector<ModelBuffer>& models) {
  std::vector<double> mean(models[0].size());
  for (const ModelBuffer& model : models) {
    for (std::size_t k = 0; k < mean.size(); ++k) {
      mean[k] += model.values()[k] / static_cast<double>(models.size());
    }
  }
  return mean;
}

// Once all agree, mean(x) = mean(x~): both have the mean of the initial models.
TEST(A2cid2Runs, KeepTheMeanOfAllModelsInSpiteOfLoss) {
  const Graph ring = make_chosen(RingOptions{}, 12, Rng(1));
  const QuadraticProblem problem = problem_of(12, 1e-30, 1.0);
  const SmallOutcome result =
      run_planned(problem, ring, A2cid2Options{.rounds = 300, .timeout = ms(1), .attempts = 100},
                  {.network = links({100'000}, 0.3), .sampling = {.every = ms(3'600'000)}});
  EXPECT_EQ(result.outcome.status, Status::kDone);
  std::vector<ModelBuffer> start;
  for (PeerId peer = 0; peer < 12; ++peer) start.push_back(problem.initial_model(peer));
  const std::vector<double> before = mean_of(start);
  for (const ModelBuffer& model : final_models(result)) {
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(model.values()[k], before[k], 2e-4);
  }
}

FaultTimeline churn(int peers) {
  FaultTimelineBuilder builder(peers, Rng(9));
  builder.add_down(1, {ms(40), ms(90)}, Departure::kCrash);
  builder.add_down(4, {ms(55), ms(120)}, Departure::kCrashWithStateLoss);
  builder.add_down(6, {ms(30), SimTime::max()}, Departure::kCrash);
  builder.add_down(7, {ms(60), SimTime::max()}, Departure::kLeave);
  builder.add_down(11, {FaultTimelineBuilder::kBeforeStart, ms(50)}, Departure::kLeave);
  builder.add_freeze(3, {ms(25), ms(45)});
  builder.add_corruption(5, {ms(0), SimTime::max()}, 0.2);
  return builder.build();
}

template <class Options>
void expect_sound_under_churn(const Options& options) {
  const Graph graph = make_chosen(RandomRegularOptions{.degree = 4}, 12, Rng(2));
  const QuadraticProblem problem = problem_of(12, 0.5, 1.0);
  SmallRun whole{.network = links({300'000}, 0.1),
                 .compute = LognormalComputeOptions{.sigma = 0.3},
                 .faults = churn(12),
                 .sampling = {.every = ms(3'600'000)}};
  const SmallOutcome straight = run_planned(problem, graph, options, whole);
  EXPECT_EQ(straight.outcome.status, Status::kDone);
  EXPECT_EQ(straight.outcome.live_peers, 10);
  EXPECT_TRUE(straight.diverged.empty());
  for (const ModelBuffer& model : final_models(straight)) {
    for (const float value : model.values()) EXPECT_LT(std::abs(value), 10.0F);
  }
  for (const int at : {13, 58, 97}) {
    SmallRun first = whole;
    first.save_at = ms(at);
    const SmallOutcome part = run_planned(problem, graph, options, first);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    const SmallOutcome resumed = run_planned(problem, graph, options, second);
    EXPECT_EQ(resumed.outcome.event_digest, straight.outcome.event_digest) << at;
    EXPECT_EQ(resumed.outcome.model_digest, straight.outcome.model_digest) << at;
  }
}

TEST(A2cid2Runs, FinishUnderLossAndChurnAndCanBeResumed) {
  expect_sound_under_churn(A2cid2Options{.rounds = 60, .timeout = ms(4)});
}

TEST(DadaoRuns, FinishUnderLossAndChurnAndCanBeResumed) {
  expect_sound_under_churn(DadaoOptions{
      .rounds = 40, .convexity = 0.1, .condition = 5.0, .period = ms(4), .timeout = ms(4)});
}

// f_i = 1/2 a_i (x - b_i)^2, a_i in {1, 2, 3, 4}, b_i = i, learning rate 1, from 0.
class RingOfLines final : public LearningProblem {
 public:
  RingOfLines() { layout_.add("x", {1}, TensorKind::kWeight); }
  const ParameterLayout& layout() const override { return layout_; }
  ModelBuffer initial_model(PeerId) const override { return ModelBuffer::zeros(1); }
  int steps_per_round(PeerId) const override { return 1; }
  std::int64_t train_samples(PeerId) const override { return 1; }
  ProblemTraits traits() const override { return {.is_cheap = true}; }
  std::unique_ptr<Learner> make_learner() const override {
    class Descent final : public Learner {
      TrainResult train(PeerId peer, ModelBuffer model, TrainingState state, int) override {
        const double x = model.values()[0];
        const auto next = static_cast<float>(x - (1.0 + peer % 4) * (x - peer));
        return {.model = ModelBuffer::copy_of(std::span(&next, 1)), .state = std::move(state)};
      }
      Evaluation evaluate(const ModelBuffer&, EvaluationSet, PeerId) override { return {}; }
    };
    return std::make_unique<Descent>();
  }

 private:
  ParameterLayout layout_;
};

double error_of(const SmallOutcome& result) {
  double sum = 0.0;
  for (const ModelBuffer& model : final_models(result)) {
    sum += std::pow(double{model.values()[0]} - 4.0, 2);
  }
  return sum / 8.0;
}

SmallOutcome run_lines(DadaoOptions options, int periods, SimTime latency = {}, double loss = 0.0) {
  const RingOfLines problem;
  const Graph ring = make_chosen(RingOptions{}, 8, Rng(1));
  options.rounds = 0;
  options.convexity = 1.0;
  options.condition = 4.0;
  options.period = ms(1'000);
  options.timeout = ms(10);
  return run_planned(problem, ring, options,
                     {.network = links(latency, loss),
                      .compute = FixedComputeOptions{.step_time = {1}, .aggregation_time = {1}},
                      .sampling = {.every = ms(3'600'000), .until = ms(1'000) * periods}});
}

// The same in double precision reaches 1e-13 at t = 400 (dadao_state_test.cpp).
TEST(DadaoRuns, ReachTheOptimumAsFarAsFloatsGo) {
  EXPECT_LT(error_of(run_lines({}, 100)), 1e-1);
  EXPECT_LT(error_of(run_lines({}, 200)), 1e-4);
  EXPECT_LT(error_of(run_lines({}, 400)), 1e-10);
  EXPECT_LT(error_of(run_lines({.rates = DadaoRates::kOptimal}, 400)), 1e-10);
}

TEST(DadaoRuns, ReachTheOptimumInSpiteOfLatencyAndLoss) {
  EXPECT_LT(error_of(run_lines({.attempts = 50}, 400, ms(5), 0.2)), 1e-9);
}

TEST(DadaoRuns, ComputeGradientsAndCommunicateAsPoissonProcesses) {
  const SmallOutcome result = run_lines({}, 400);
  // Means 8 x 400 and 400 x 9.7774, the latter two messages each; five standard deviations.
  EXPECT_NEAR(static_cast<double>(result.outcome.totals.steps), 3200, 5 * 57);
  EXPECT_NEAR(static_cast<double>(result.outcome.totals.messages_sent) / 2, 3911, 5 * 63);
}

}  // namespace
}  // namespace hearsay

#include "node/learning/quadratic_problem.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace hearsay {
namespace {

QuadraticInputs inputs_of(int dimension, int peers) {
  return {.objective = {.dimension = dimension, .condition = 100.0, .spread = 2.0},
          .sgd = {.lr = 0.5},
          .training = {.local_steps = 3},
          .num_peers = peers,
          .init_rng = Rng(21),
          .training_rng = Rng(22)};
}

/// Where a peer's own gradient steps lead: b_i.
std::vector<float> minimiser_of(const QuadraticProblem& problem, PeerId peer) {
  const auto learner = problem.make_learner();
  const auto result = learner->train(peer, problem.initial_model(peer), {}, 20000);
  return {result.model.values().begin(), result.model.values().end()};
}

ModelBuffer optimum_of(const QuadraticProblem& problem) {
  const std::vector<float> optimum(problem.optimum().begin(), problem.optimum().end());
  return ModelBuffer::copy_of(optimum);
}

TEST(QuadraticProblem, GapVanishesAtTheOptimumOnly) {
  QuadraticInputs inputs = inputs_of(5, 7);
  inputs.objective.hessian = QuadraticOptions::Hessian::kIndependent;
  const QuadraticProblem problem(inputs);
  ModelBuffer model = optimum_of(problem);
  const double at_optimum = problem.gap(model.values());
  EXPECT_NEAR(at_optimum, 0.0, 1e-12);
  model.writable()[2] += 0.1F;
  EXPECT_GT(problem.gap(model.values()), at_optimum + 1e-6);
}

// With one Hessian for all, x* is the mean of the b_i, whatever the Hessian.
TEST(QuadraticProblem, CommonHessianPutsTheOptimumAtTheMean) {
  const QuadraticProblem problem(inputs_of(4, 3));
  std::vector<double> mean(4, 0.0);
  for (PeerId peer = 0; peer < 3; ++peer) {
    const auto own = minimiser_of(problem, peer);
    for (std::size_t k = 0; k < 4; ++k) mean[k] += own[k] / 3.0;
  }
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(problem.optimum()[k], mean[k], 1e-4) << k;
}

// Independent Hessians: n (F(x) - F(x*)) = sum_i f_i(x) - sum_i f_i(x*), with each f_i
// read from the training loss of a step (taken before the step).
TEST(QuadraticProblem, GapIsTheMeanOfTheLocalLossesAboveTheirOptimum) {
  QuadraticInputs inputs = inputs_of(6, 5);
  inputs.objective.hessian = QuadraticOptions::Hessian::kIndependent;
  const QuadraticProblem problem(inputs);
  const auto learner = problem.make_learner();
  const ModelBuffer model = problem.initial_model(0);
  double difference = 0.0;
  for (PeerId peer = 0; peer < 5; ++peer) {
    difference += learner->train(peer, model, {}, 1).loss;
    difference -= learner->train(peer, optimum_of(problem), {}, 1).loss;
  }
  const Evaluation evaluation = learner->evaluate(model, EvaluationSet::kTest, 0);
  EXPECT_NEAR(evaluation.loss, difference / 5.0, 1e-5 * evaluation.loss);
  EXPECT_GT(evaluation.loss, 0.1);
  EXPECT_EQ(evaluation.samples, 1);
  EXPECT_TRUE(std::isnan(evaluation.accuracy));
}

// Entries of H for dimension 3, condition 100: 1/100, 1/10, 1. One step with lr 0.5 from
// the error e leaves e (1 - 0.5 h): 0.995 e, 0.95 e, 0.5 e.
TEST(QuadraticProblem, SpectrumIsEvenInLogScale) {
  const QuadraticProblem problem(inputs_of(3, 1));
  const auto learner = problem.make_learner();
  const ModelBuffer start = problem.initial_model(0);
  const auto result = learner->train(0, start, {}, 1);
  const double left[] = {0.995, 0.95, 0.5};
  for (std::size_t k = 0; k < 3; ++k) {
    const double before = start.values()[k] - problem.optimum()[k];
    const double after = result.model.values()[k] - problem.optimum()[k];
    EXPECT_NEAR(after / before, left[k], 1e-4) << k;
  }
}

// Dimension 1, H = 1, e = x - b. lr 0.5, momentum 0.5, no decay: v1 = e, e1 = e / 2;
// v2 = e / 2 + e / 2 = e, e2 = 0. Losses e^2 / 2 and e^2 / 8, mean 5 e^2 / 16.
TEST(QuadraticProblem, FollowsMomentumAcrossCalls) {
  QuadraticInputs inputs = inputs_of(1, 1);
  inputs.sgd.momentum = 0.5;
  const QuadraticProblem problem(inputs);
  const auto learner = problem.make_learner();
  const ModelBuffer start = problem.initial_model(0);
  const double e = start.values()[0] - problem.optimum()[0];
  const auto both = learner->train(0, start, {}, 2);
  EXPECT_NEAR(both.model.values()[0], problem.optimum()[0], 1e-6);
  EXPECT_NEAR(both.loss, 5.0 * e * e / 16.0, 1e-5 * e * e);
  auto one = learner->train(0, start, {}, 1);
  const auto other = learner->train(0, std::move(one.model), std::move(one.state), 1);
  EXPECT_EQ(other.model.digest(), both.model.digest());
  EXPECT_EQ(other.state.steps, 2);
}

// Dimension 1, H = 1: g = e + decay * x; x1 = x - 0.5 (e + 0.25 x).
TEST(QuadraticProblem, AppliesWeightDecay) {
  QuadraticInputs inputs = inputs_of(1, 1);
  inputs.sgd.weight_decay = 0.25;
  const QuadraticProblem problem(inputs);
  const ModelBuffer start = problem.initial_model(0);
  const double x = start.values()[0];
  const auto result = problem.make_learner()->train(0, start, {}, 1);
  EXPECT_NEAR(result.model.values()[0], x - 0.5 * (x - problem.optimum()[0] + 0.25 * x), 1e-6);
}

TEST(QuadraticProblem, NoiseDependsOnPeerAndStepOnly) {
  QuadraticInputs inputs = inputs_of(4, 2);
  inputs.objective.spread = 0.0;  // The peers differ in their noise alone.
  inputs.objective.gradient_noise = 1.0;
  const QuadraticProblem problem(inputs);
  const auto learner = problem.make_learner();
  const ModelBuffer start = problem.initial_model(0);
  const auto first = learner->train(0, start, {}, 2);
  EXPECT_EQ(learner->train(0, start, {}, 2).model.digest(), first.model.digest());
  EXPECT_NE(learner->train(1, start, {}, 2).model.digest(), first.model.digest());
  auto split = learner->train(0, start, {}, 1);
  split = learner->train(0, std::move(split.model), std::move(split.state), 1);
  EXPECT_EQ(split.model.digest(), first.model.digest());
}

TEST(QuadraticProblem, ReportsDivergence) {
  const QuadraticProblem problem(inputs_of(2, 1));
  ModelBuffer model = problem.initial_model(0);
  EXPECT_TRUE(problem.make_learner()->train(0, model, {}, 3).finite);
  model.make_writable();
  model.writable()[1] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(problem.make_learner()->train(0, model, {}, 1).finite);
}

TEST(QuadraticProblem, NoStepLeavesTheModelAndHasNoLoss) {
  const QuadraticProblem problem(inputs_of(2, 1));
  const ModelBuffer model = problem.initial_model(0);
  const TrainResult result = problem.make_learner()->train(0, model, {.steps = 4}, 0);
  EXPECT_EQ(result.model.digest(), model.digest());
  EXPECT_EQ(result.state.steps, 4);
  EXPECT_EQ(result.samples, 0);
  EXPECT_TRUE(std::isnan(result.loss));
  EXPECT_TRUE(result.finite);
}

TEST(QuadraticProblem, StartsFromOneModelOrFromMany) {
  QuadraticInputs inputs = inputs_of(4, 2);
  const QuadraticProblem common(inputs);
  EXPECT_EQ(common.initial_model(0).digest(), common.initial_model(1).digest());
  inputs.init = Init::kIndependent;
  const QuadraticProblem independent(inputs);
  EXPECT_NE(independent.initial_model(0).digest(), independent.initial_model(1).digest());
}

TEST(QuadraticProblem, HasNoDataOfAPeersOwn) {
  const QuadraticProblem problem(inputs_of(4, 2));
  const auto learner = problem.make_learner();
  const ModelBuffer model = problem.initial_model(0);
  EXPECT_EQ(learner->evaluate(model, EvaluationSet::kValidation, 0).samples, 0);
  EXPECT_EQ(learner->evaluate(model, EvaluationSet::kLocalTest, 0).samples, 0);
  EXPECT_TRUE(problem.traits().is_cheap);
  EXPECT_EQ(problem.steps_per_round(0), 3);
}

}  // namespace
}  // namespace hearsay

#include "node/learning/regression_problem.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace hearsay {
namespace {

RegressionInputs inputs_of(std::variant<LeastSquaresOptions, LogisticRegressionOptions> objective) {
  return {.objective = objective,
          .sgd = {.lr = 0.1},
          .training = {.local_steps = 1},
          .num_peers = 5,
          .init_rng = Rng(3)};
}

class Regression : public testing::TestWithParam<RegressionInputs> {};

TEST_P(Regression, GradientIsTheSlopeOfTheValue) {
  const RegressionProblem problem(GetParam());
  const Eigen::VectorXd x =
      Eigen::VectorXd::LinSpaced(static_cast<Eigen::Index>(problem.layout().size()), -0.4, 0.9);
  for (PeerId peer = 0; peer < 5; ++peer) {
    const Eigen::VectorXd gradient = problem.gradient(peer, x);
    for (Eigen::Index k = 0; k < x.size(); ++k) {
      constexpr double kStep = 1e-4;
      const Eigen::VectorXd shift = kStep * Eigen::VectorXd::Unit(x.size(), k);
      const double slope =
          (problem.value(peer, x + shift) - problem.value(peer, x - shift)) / (2.0 * kStep);
      EXPECT_NEAR(gradient[k], slope, 1e-5 * (1.0 + std::abs(slope)));
    }
  }
}

TEST_P(Regression, MeanGradientVanishesAtTheOptimum) {
  const RegressionProblem problem(GetParam());
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(problem.optimum().size());
  double scale = 0.0;
  for (PeerId peer = 0; peer < 5; ++peer) {
    sum += problem.gradient(peer, problem.optimum());
    scale += problem.gradient(peer, problem.optimum()).norm();
  }
  EXPECT_GT(scale, 0.1);  // The peers disagree.
  EXPECT_LT(sum.norm(), 1e-9 * scale);
  EXPECT_EQ(problem.gap(problem.optimum()), 0.0);
}

// Between any two points: mu |d|^2 <= (grad(x + d) - grad(x))^T d <= L |d|^2.
TEST_P(Regression, CurvatureBoundsHowGradientsChange) {
  const RegressionProblem problem(GetParam());
  ASSERT_TRUE(problem.traits().curvature.has_value());
  const Curvature curvature = *problem.traits().curvature;
  Rng rng(5);
  double least = 1e300;
  double greatest = 0.0;
  for (int trial = 0; trial < 200; ++trial) {
    Eigen::VectorXd x(problem.optimum().size());
    Eigen::VectorXd d(problem.optimum().size());
    for (double& entry : x) entry = 0.1 * rng.normal();
    for (double& entry : d) entry = 0.01 * rng.normal();
    const auto peer = static_cast<PeerId>(rng.below(5));
    const double bend =
        0.1 * (problem.gradient(peer, x + d) - problem.gradient(peer, x)).dot(d) / d.squaredNorm();
    least = std::min(least, bend);
    greatest = std::max(greatest, bend);
  }
  EXPECT_GE(least, curvature.least * (1.0 - 1e-9));
  EXPECT_LE(greatest, curvature.greatest * (1.0 + 1e-9));
  EXPECT_GT(greatest, 0.5 * curvature.greatest);
}

TEST_P(Regression, TellsNoCurvatureWhereATrainingIsNoPlainStep) {
  RegressionInputs inputs = GetParam();
  inputs.sgd.momentum = 0.5;
  EXPECT_FALSE(RegressionProblem(inputs).traits().curvature.has_value());
  inputs = GetParam();
  inputs.training.local_steps = 2;
  EXPECT_FALSE(RegressionProblem(inputs).traits().curvature.has_value());
}

TEST_P(Regression, TrainingGoesDownhillAndReportsTheLossBefore) {
  const RegressionProblem problem(GetParam());
  const auto learner = problem.make_learner();
  const ModelBuffer start = problem.initial_model(2);
  const TrainResult result = learner->train(2, start, {}, 1);
  Eigen::VectorXd x(problem.optimum().size());
  for (Eigen::Index k = 0; k < x.size(); ++k) x[k] = start.values()[static_cast<std::size_t>(k)];
  EXPECT_DOUBLE_EQ(result.loss, problem.value(2, x));
  const Eigen::VectorXd gradient = problem.gradient(2, x);
  for (Eigen::Index k = 0; k < x.size(); ++k) {
    const auto at = static_cast<std::size_t>(k);
    EXPECT_NEAR(result.model.values()[at], x[k] - 0.1 * gradient[k], 1e-4 * std::abs(gradient[k]));
  }
  EXPECT_EQ(result.samples, problem.train_samples(2));
}

INSTANTIATE_TEST_SUITE_P(
    Objectives, Regression,
    testing::Values(inputs_of(LeastSquaresOptions{.samples = 40, .dimension = 3}),
                    inputs_of(LogisticRegressionOptions{
                        .samples = 40, .dimension = 3, .regularization = 0.3})));

// By hand, one peer, d = 1: the optimum of 1/m sum (a x - b)^2 is sum a b / sum a^2, and without
// noise b = s w a, so that x* = s w whatever the samples are.
TEST(LeastSquares, WithoutNoiseEveryPeersOptimumIsItsSlopeTimesTheCommonTruth) {
  RegressionInputs inputs = inputs_of(LeastSquaresOptions{.dimension = 2, .noise = 0.0});
  inputs.num_peers = 3;
  const RegressionProblem problem(inputs);
  // At its own optimum a peer's value is 0; all lie on the line through 0 and w.
  Rng truth_rng = Rng(3).split("truth");
  Eigen::Vector2d truth;
  for (double& entry : truth) entry = 100.0 * truth_rng.uniform();
  for (PeerId peer = 0; peer < 3; ++peer) {
    Rng rng = Rng(3).split("samples", static_cast<std::uint64_t>(peer));
    const double slope = 0.01 + 4.99 * rng.uniform();
    EXPECT_NEAR(problem.value(peer, slope * truth), 0.0, 1e-18 * truth.squaredNorm() + 1e-18);
    EXPECT_GT(problem.value(peer, (slope + 0.1) * truth), 1.0);
  }
}

}  // namespace
}  // namespace hearsay

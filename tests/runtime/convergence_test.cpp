// The simulator against the theory of decentralised optimisation, on quadratics whose
// optimum and dynamics are known.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "node/learning/quadratic_problem.hpp"
#include "node/runtime/round_evaluator.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "topologies/spectrum.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

QuadraticInputs quadratic(int num_peers, double lr) {
  QuadraticInputs inputs;
  inputs.objective = {.dimension = 8, .condition = 10.0, .spread = 1.0};
  inputs.init = Init::kIndependent;
  inputs.sgd = {.lr = lr};
  inputs.training.local_steps = 1;
  inputs.num_peers = num_peers;
  inputs.init_rng = Rng(7);
  inputs.training_rng = Rng(8);
  return inputs;
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

struct NamedTopology {
  std::string name;
  TopologyOptions options;
};

const std::vector<NamedTopology> kTopologies{
    {"Ring", RingOptions{}},
    {"Star", StarOptions{}},
    {"Torus", TorusOptions{}},
    {"RandomRegular", RandomRegularOptions{.degree = 4}},
    {"ErdosRenyi", ErdosRenyiOptions{.probability = {0.4}}}};

class OnEveryTopology : public testing::TestWithParam<NamedTopology> {
 protected:
  static constexpr int kPeers = 16;
  Graph graph_ = make_chosen(GetParam().options, kPeers, Rng(5));
  MixingMatrix mixing_ = MixingMatrix::metropolis_hastings(graph_);
};

// With one Hessian H for all, mean(x) obeys m <- m - lr H (m - mean(b)): gradient descent on
// the average objective, whatever the graph.
TEST_P(OnEveryTopology, MeanModelFollowsCentralisedGradientDescent) {
  const double lr = 0.4;
  const QuadraticProblem problem(quadratic(kPeers, lr));
  const SmallOutcome result = run_small(problem, mixing_, {.rounds = 30});
  std::vector<ModelBuffer> start;
  for (PeerId peer = 0; peer < kPeers; ++peer) start.push_back(problem.initial_model(peer));
  std::vector<double> m = mean_of(start);
  for (const std::vector<ModelBuffer>& models : result.models) {
    for (std::size_t k = 0; k < m.size(); ++k) {
      // Eigenvalues 10^(k/7 - 1): from 0.1 to 1, evenly in log scale.
      const double h = std::pow(10.0, static_cast<double>(k) / 7.0 - 1.0);
      m[k] -= lr * h * (m[k] - problem.optimum()[k]);
    }
    const std::vector<double> mean = mean_of(models);
    for (std::size_t k = 0; k < m.size(); ++k) ASSERT_NEAR(mean[k], m[k], 1e-5);
  }
}

// Without training (a vanishing learning rate) the distance from the mean shrinks per round
// by at most the second-largest eigenvalue modulus of W, and the mean stays.
TEST_P(OnEveryTopology, ConsensusDistanceContractsAtLeastByTheSecondEigenvalue) {
  const QuadraticProblem problem(quadratic(kPeers, 1e-30));
  const SmallOutcome result = run_small(problem, mixing_, {.rounds = 12});
  const double rho = second_largest_modulus(mixing_);
  std::vector<ModelBuffer> start;
  for (PeerId peer = 0; peer < kPeers; ++peer) start.push_back(problem.initial_model(peer));
  double previous = consensus_of(start).distance;
  const std::vector<double> mean = mean_of(start);
  for (const std::vector<ModelBuffer>& models : result.models) {
    const double distance = consensus_of(models).distance;
    EXPECT_LE(distance, rho * previous + 1e-6);
    previous = distance;
    const std::vector<double> now = mean_of(models);
    for (std::size_t k = 0; k < mean.size(); ++k) EXPECT_NEAR(now[k], mean[k], 1e-6);
  }
}

// Peers that start along the eigenvector of the second-largest modulus contract by exactly
// that factor in every round.
class EigenvectorStart final : public LearningProblem {
 public:
  explicit EigenvectorStart(Eigen::VectorXd vector) : vector_(std::move(vector)) {
    layout_.add("x", {1}, TensorKind::kWeight);
  }
  const ParameterLayout& layout() const override { return layout_; }
  ModelBuffer initial_model(PeerId peer) const override {
    const auto value = static_cast<float>(vector_[peer]);
    return ModelBuffer::copy_of(std::span(&value, 1));
  }
  int steps_per_round(PeerId) const override { return 0; }
  std::int64_t train_samples(PeerId) const override { return 1; }
  ProblemTraits traits() const override { return {.is_cheap = true}; }
  std::unique_ptr<Learner> make_learner() const override {
    class Idle final : public Learner {
      TrainResult train(PeerId, ModelBuffer model, TrainingState state, int) override {
        return {.model = std::move(model), .state = std::move(state)};
      }
      Evaluation evaluate(const ModelBuffer&, EvaluationSet, PeerId) override { return {}; }
    };
    return std::make_unique<Idle>();
  }

 private:
  ParameterLayout layout_;
  Eigen::VectorXd vector_;
};

TEST_P(OnEveryTopology, ConsensusDistanceContractsExactlyAlongTheEigenvector) {
  const double rho = second_largest_modulus(mixing_);
  const EigenvectorStart problem(slowest_mode(mixing_).vector);
  const SmallOutcome result = run_small(problem, mixing_, {.rounds = 8});
  double expected = 1.0 / std::sqrt(kPeers);  // A unit vector of mean 0.
  for (const std::vector<ModelBuffer>& models : result.models) {
    expected *= rho;
    EXPECT_NEAR(consensus_of(models).distance / expected, 1.0, 1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Topologies, OnEveryTopology, testing::ValuesIn(kTopologies),
                         [](const auto& tested) { return tested.param.name; });

TEST(Dpsgd, ApproachesTheOptimumAndReportsDivergence) {
  const Graph graph = make_chosen(CompleteOptions{}, 8, Rng(5));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const QuadraticProblem problem(quadratic(8, 0.5));
  const SmallOutcome good = run_small(problem, mixing, {.rounds = 400});
  EXPECT_LT(problem.gap(good.models.back()[3].values()), 1e-6);
  EXPECT_TRUE(good.diverged.empty());
  // lr above 2 / (largest eigenvalue = 1): |1 - lr| = 99 per round overflows float32.
  const QuadraticProblem wild(quadratic(8, 100.0));
  EXPECT_FALSE(run_small(wild, mixing, {.rounds = 40}).diverged.empty());
}

TEST(Consensus, IsTheRootMeanSquareDistanceFromTheMean) {
  // Points 0, 3, 9 (mean 4): squares 16, 1, 25 -> sqrt(42 / 3).
  std::vector<ModelBuffer> models;
  for (const float value : {0.0F, 3.0F, 9.0F}) {
    models.push_back(ModelBuffer::copy_of(std::span(&value, 1)));
  }
  const Consensus consensus = consensus_of(models);
  EXPECT_NEAR(consensus.distance, std::sqrt(14.0), 1e-12);
  EXPECT_EQ(consensus.mean.values()[0], 4.0F);
}

}  // namespace
}  // namespace hearsay

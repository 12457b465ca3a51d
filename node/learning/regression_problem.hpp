#pragma once

#include <Eigen/Core>
#include <memory>
#include <variant>
#include <vector>

#include "node/base/rng.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/learning/model_options.hpp"
#include "node/learning/training_options.hpp"

namespace hearsay {

/// What a regression problem is made of.
struct RegressionInputs {
  std::variant<LeastSquaresOptions, LogisticRegressionOptions> objective;
  Init init = Init::kCommon;
  SgdOptions sgd;
  TrainingOptions training;  ///< local_steps or local_epochs: an epoch is one step.
  int num_peers = 1;
  Rng init_rng{0};
};

/// The objectives of LeastSquaresOptions and LogisticRegressionOptions, whose optimum x* is
/// found by Newton's method when the problem is made. Gradients are computed in double
/// precision; models are float32. The samples come from init_rng.split("samples", peer), w
/// from split("truth"), the initial model ~ N(0, I) from split("model", 0 or peer). The
/// training loss is f_i(x) before the step. Only EvaluationSet::kTest has data (1 sample,
/// accuracy NaN).
///
/// Curvature, before lr: L = max_i, mu = min_i over the peers of the eigenvalues of
/// 2/m A_i^T A_i for least squares, and L = regularization + max_i lambda_max(A_i^T A_i) / 4m,
/// mu = regularization for logistic regression.
class RegressionProblem final : public LearningProblem {
 public:
  explicit RegressionProblem(RegressionInputs inputs);

  const ParameterLayout& layout() const override { return layout_; }
  ModelBuffer initial_model(PeerId peer) const override;
  int steps_per_round(PeerId peer) const override;
  std::int64_t train_samples(PeerId peer) const override;
  ProblemTraits traits() const override;
  std::unique_ptr<Learner> make_learner() const override;

  /// x*, the minimiser of F = 1/n sum_i f_i.
  const Eigen::VectorXd& optimum() const { return optimum_; }

  /// f_i(x) and its gradient.
  double value(PeerId peer, const Eigen::VectorXd& x) const;
  Eigen::VectorXd gradient(PeerId peer, const Eigen::VectorXd& x) const;

  /// F(x) - F(x*).
  double gap(const Eigen::VectorXd& x) const;

 private:
  class RegressionLearner;

  struct Samples {
    Eigen::MatrixXd features;  ///< m x d
    Eigen::VectorXd targets;
  };

  bool is_logistic() const { return regularization_ > 0.0; }
  const Samples& samples_of(PeerId peer) const;
  Samples draw(const LeastSquaresOptions& options, std::size_t peer) const;
  Samples draw(const LogisticRegressionOptions& options, std::size_t peer) const;
  Eigen::MatrixXd hessian(PeerId peer, const Eigen::VectorXd& x) const;
  double mean_value(const Eigen::VectorXd& x) const;
  void find_optimum();

  RegressionInputs inputs_;
  ParameterLayout layout_;
  double regularization_ = 0.0;  ///< 0: least squares.
  std::vector<Samples> samples_;
  Eigen::VectorXd optimum_;
  double least_value_ = 0.0;  ///< F(x*)
};

}  // namespace hearsay

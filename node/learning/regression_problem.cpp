#include "node/learning/regression_problem.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "node/base/check.hpp"
#include "node/learning/sgd_step.hpp"

namespace hearsay {
namespace {

constexpr int kNewtonSteps = 60;

/// log(1 + e^z) without overflow.
double soft_plus(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

double logistic(double z) {
  const double e = std::exp(-std::abs(z));
  return z >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
}

Eigen::VectorXd widened(std::span<const float> values) {
  Eigen::VectorXd result(static_cast<Eigen::Index>(values.size()));
  std::ranges::copy(values, result.begin());
  return result;
}

}  // namespace

class RegressionProblem::RegressionLearner final : public Learner {
 public:
  explicit RegressionLearner(const RegressionProblem& problem) : problem_(problem) {}

  TrainResult train(PeerId peer, ModelBuffer model, TrainingState state, int steps) override {
    HEARSAY_CHECK(model.size() == problem_.layout_.size());
    model.make_writable();
    const std::span<float> x = model.writable();
    TrainResult result;
    for (int s = 0; s < steps; ++s) result.loss += step(peer, x, state);
    result.loss = steps > 0 ? result.loss / steps : std::numeric_limits<double>::quiet_NaN();
    result.finite = std::ranges::all_of(x, [](float value) { return std::isfinite(value); }) &&
                    (steps == 0 || std::isfinite(result.loss));
    result.samples = steps * problem_.train_samples(peer);
    result.model = std::move(model);
    result.state = std::move(state);
    return result;
  }

  Evaluation evaluate(const ModelBuffer& model, EvaluationSet set, PeerId) override {
    HEARSAY_CHECK(model.size() == problem_.layout_.size());
    Evaluation evaluation;
    if (set != EvaluationSet::kTest) return evaluation;
    evaluation.samples = 1;
    evaluation.loss = problem_.gap(widened(model.values()));
    return evaluation;
  }

 private:
  /// One gradient step; returns f_i(x) before it.
  double step(PeerId peer, std::span<float> x, TrainingState& state) const {
    const SgdStep sgd = sgd_step_at(problem_.inputs_.sgd, state.steps++);
    const Eigen::VectorXd here = widened(x);
    const Eigen::VectorXd gradient = problem_.gradient(peer, here);
    std::span<float> velocity;
    if (sgd.momentum > 0.0F) {
      if (state.moments.empty()) state.moments = ModelBuffer::zeros(x.size());
      state.moments.make_writable();
      velocity = state.moments.writable();
    }
    for (std::size_t k = 0; k < x.size(); ++k) {
      auto g = static_cast<float>(gradient[static_cast<Eigen::Index>(k)]);
      g += sgd.weight_decay * x[k];
      if (!velocity.empty()) g = velocity[k] = sgd.momentum * velocity[k] + g;
      x[k] -= sgd.lr * g;
    }
    return problem_.value(peer, here);
  }

  const RegressionProblem& problem_;
};

RegressionProblem::RegressionProblem(RegressionInputs inputs) : inputs_(std::move(inputs)) {
  HEARSAY_CHECK(inputs_.num_peers >= 1);
  if (const auto* options = std::get_if<LogisticRegressionOptions>(&inputs_.objective)) {
    regularization_ = options->regularization;
    HEARSAY_CHECK(regularization_ > 0.0);
  }
  const int dimension =
      std::visit([](const auto& options) { return options.dimension; }, inputs_.objective);
  layout_.add("x", {dimension}, TensorKind::kWeight);
  for (std::size_t peer = 0; peer < static_cast<std::size_t>(inputs_.num_peers); ++peer) {
    samples_.push_back(
        std::visit([&](const auto& options) { return draw(options, peer); }, inputs_.objective));
  }
  find_optimum();
}

RegressionProblem::Samples RegressionProblem::draw(const LeastSquaresOptions& options,
                                                   std::size_t peer) const {
  Rng truth_rng = inputs_.init_rng.split("truth");
  Eigen::VectorXd truth(options.dimension);
  for (double& entry : truth) entry = 100.0 * truth_rng.uniform();
  Rng rng = inputs_.init_rng.split("samples", peer);
  const double slope = 0.01 + 4.99 * rng.uniform();
  Samples samples{.features = Eigen::MatrixXd(options.samples, options.dimension), .targets = {}};
  for (double& entry : samples.features.reshaped()) entry = rng.normal();
  samples.targets = slope * samples.features * truth;
  for (double& target : samples.targets) target += options.noise * rng.normal();
  return samples;
}

RegressionProblem::Samples RegressionProblem::draw(const LogisticRegressionOptions& options,
                                                   std::size_t peer) const {
  Rng rng = inputs_.init_rng.split("samples", peer);
  Eigen::RowVectorXd center(options.dimension);
  for (double& entry : center) entry = options.spread * rng.normal();
  Samples samples{.features = Eigen::MatrixXd(options.samples, options.dimension),
                  .targets = Eigen::VectorXd(options.samples)};
  for (double& target : samples.targets) target = rng.below(2) == 0 ? -1.0 : 1.0;
  for (double& entry : samples.features.reshaped()) entry = rng.normal();
  samples.features += samples.targets * center;
  return samples;
}

const RegressionProblem::Samples& RegressionProblem::samples_of(PeerId peer) const {
  HEARSAY_CHECK(peer >= 0 && peer < inputs_.num_peers);
  return samples_[static_cast<std::size_t>(peer)];
}

double RegressionProblem::value(PeerId peer, const Eigen::VectorXd& x) const {
  const Samples& own = samples_of(peer);
  const auto count = static_cast<double>(own.targets.size());
  const Eigen::VectorXd outputs = own.features * x;
  if (!is_logistic()) return (outputs - own.targets).squaredNorm() / count;
  double sum = 0.0;
  for (Eigen::Index k = 0; k < outputs.size(); ++k) {
    sum += soft_plus(-own.targets[k] * outputs[k]);
  }
  return sum / count + regularization_ / 2.0 * x.squaredNorm();
}

Eigen::VectorXd RegressionProblem::gradient(PeerId peer, const Eigen::VectorXd& x) const {
  const Samples& own = samples_of(peer);
  const auto count = static_cast<double>(own.targets.size());
  Eigen::VectorXd slopes = own.features * x;
  if (!is_logistic()) {
    return own.features.transpose() * (slopes - own.targets) * (2.0 / count);
  }
  for (Eigen::Index k = 0; k < slopes.size(); ++k) {
    slopes[k] = -own.targets[k] * logistic(-own.targets[k] * slopes[k]);
  }
  return own.features.transpose() * slopes / count + regularization_ * x;
}

Eigen::MatrixXd RegressionProblem::hessian(PeerId peer, const Eigen::VectorXd& x) const {
  const Samples& own = samples_of(peer);
  const auto count = static_cast<double>(own.targets.size());
  if (!is_logistic()) return own.features.transpose() * own.features * (2.0 / count);
  Eigen::VectorXd bends = own.features * x;
  for (double& bend : bends) bend = logistic(bend) * logistic(-bend);
  const Eigen::Index dimension = x.size();
  return own.features.transpose() * bends.asDiagonal() * own.features / count +
         regularization_ * Eigen::MatrixXd::Identity(dimension, dimension);
}

double RegressionProblem::mean_value(const Eigen::VectorXd& x) const {
  double sum = 0.0;
  for (PeerId peer = 0; peer < inputs_.num_peers; ++peer) sum += value(peer, x);
  return sum / inputs_.num_peers;
}

// Newton's steps, halved while they do not descend.
void RegressionProblem::find_optimum() {
  const auto dimension = static_cast<Eigen::Index>(layout_.size());
  optimum_ = Eigen::VectorXd::Zero(dimension);
  least_value_ = mean_value(optimum_);
  for (int i = 0; i < kNewtonSteps; ++i) {
    Eigen::VectorXd slope = Eigen::VectorXd::Zero(dimension);
    Eigen::MatrixXd bend = Eigen::MatrixXd::Zero(dimension, dimension);
    for (PeerId peer = 0; peer < inputs_.num_peers; ++peer) {
      slope += gradient(peer, optimum_);
      bend += hessian(peer, optimum_);
    }
    Eigen::VectorXd step = bend.ldlt().solve(slope);
    double value = mean_value(optimum_ - step);
    for (int halvings = 0; value > least_value_ && halvings < 50; ++halvings) {
      step /= 2.0;
      value = mean_value(optimum_ - step);
    }
    if (!(value < least_value_)) break;
    optimum_ -= step;
    least_value_ = value;
  }
}

double RegressionProblem::gap(const Eigen::VectorXd& x) const {
  return mean_value(x) - least_value_;
}

ProblemTraits RegressionProblem::traits() const {
  ProblemTraits traits{.is_cheap = true};
  const SgdOptions& sgd = inputs_.sgd;
  const bool is_plain = sgd.momentum <= 0.0 && sgd.weight_decay <= 0.0 &&
                        std::holds_alternative<ConstantScheduleOptions>(sgd.schedule) &&
                        steps_per_round(0) == 1;
  if (!is_plain) return traits;
  Curvature curvature{.least = std::numeric_limits<double>::infinity(), .greatest = 0.0};
  for (const Samples& own : samples_) {
    const Eigen::MatrixXd gram =
        own.features.transpose() * own.features / static_cast<double>(own.targets.size());
    const Eigen::VectorXd spectrum =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram, Eigen::EigenvaluesOnly).eigenvalues();
    const double least = is_logistic() ? regularization_ : 2.0 * spectrum[0];
    const double greatest = is_logistic() ? regularization_ + spectrum[spectrum.size() - 1] / 4.0
                                          : 2.0 * spectrum[spectrum.size() - 1];
    curvature.least = std::min(curvature.least, least);
    curvature.greatest = std::max(curvature.greatest, greatest);
  }
  if (curvature.least <= 1e-12 * curvature.greatest) return traits;
  traits.curvature = {.least = sgd.lr * curvature.least, .greatest = sgd.lr * curvature.greatest};
  return traits;
}

ModelBuffer RegressionProblem::initial_model(PeerId peer) const {
  const auto index = inputs_.init == Init::kCommon ? 0 : static_cast<std::uint64_t>(peer);
  Rng rng = inputs_.init_rng.split("model", index);
  ModelBuffer model = ModelBuffer::uninitialized(layout_.size());
  for (float& value : model.writable()) value = static_cast<float>(rng.normal());
  return model;
}

int RegressionProblem::steps_per_round(PeerId) const {
  const TrainingOptions& training = inputs_.training;
  return training.local_steps > 0 ? training.local_steps : training.local_epochs;
}

std::int64_t RegressionProblem::train_samples(PeerId peer) const {
  return samples_of(peer).targets.size();
}

std::unique_ptr<Learner> RegressionProblem::make_learner() const {
  return std::make_unique<RegressionLearner>(*this);
}

}  // namespace hearsay

#include "node/learning/quadratic_problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "node/base/check.hpp"
#include "node/learning/sgd_step.hpp"

namespace hearsay {
namespace {

std::vector<double> spectrum(const QuadraticOptions& options) {
  std::vector<double> eigenvalues(static_cast<std::size_t>(options.dimension), 1.0);
  for (int k = 0; k + 1 < options.dimension; ++k) {
    const double position = static_cast<double>(k) / (options.dimension - 1);
    eigenvalues[static_cast<std::size_t>(k)] = std::pow(options.condition, position - 1.0);
  }
  return eigenvalues;
}

/// 1/2 (x - b)^T H (x - b). Four sums side by side: a single chain of additions would
/// take most of the time of a step.
double objective(std::span<const float> x, std::span<const float> b, std::span<const float> h) {
  double sums[4] = {};
  std::size_t k = 0;
  for (; k + 4 <= x.size(); k += 4) {
    for (std::size_t i = 0; i < 4; ++i) {
      const double distance = static_cast<double>(x[k + i]) - b[k + i];
      sums[i] += h[k + i] * distance * distance;
    }
  }
  for (; k < x.size(); ++k) {
    const double distance = static_cast<double>(x[k]) - b[k];
    sums[0] += h[k] * distance * distance;
  }
  return (sums[0] + sums[1] + sums[2] + sums[3]) / 2.0;
}

}  // namespace

class QuadraticProblem::QuadraticLearner final : public Learner {
 public:
  explicit QuadraticLearner(const QuadraticProblem& problem) : problem_(problem) {}

  TrainResult train(PeerId peer, ModelBuffer model, TrainingState state, int steps) override {
    HEARSAY_CHECK(model.size() == problem_.dimension_);
    model.make_writable();
    const std::span<float> x = model.writable();
    const std::span<float> velocity = velocity_of(state);
    TrainResult result;
    for (int s = 0; s < steps; ++s) result.loss += step(peer, x, velocity, state.steps++);
    result.finite = std::isfinite(result.loss);
    result.loss = steps > 0 ? result.loss / steps : std::numeric_limits<double>::quiet_NaN();
    for (const float value : x) result.finite = result.finite && std::isfinite(value);
    result.samples = steps;
    result.model = std::move(model);
    result.state = std::move(state);
    return result;
  }

  Evaluation evaluate(const ModelBuffer& model, EvaluationSet set, PeerId) override {
    HEARSAY_CHECK(model.size() == problem_.dimension_);
    Evaluation evaluation;
    if (set != EvaluationSet::kTest) return evaluation;
    evaluation.samples = 1;
    evaluation.loss = problem_.gap(model.values());
    return evaluation;
  }

 private:
  std::span<float> velocity_of(TrainingState& state) const {
    if (problem_.inputs_.sgd.momentum <= 0.0) return {};
    if (state.moments.empty()) state.moments = ModelBuffer::zeros(problem_.dimension_);
    state.moments.make_writable();
    return state.moments.writable();
  }

  /// One gradient step; returns f_i(x) before it.
  double step(PeerId peer, std::span<float> x, std::span<float> velocity, std::int64_t t) const {
    const SgdStep sgd = sgd_step_at(problem_.inputs_.sgd, t);
    const std::span<const float> b = problem_.local_optimum(peer);
    const std::span<const float> h = problem_.local_hessian(peer);
    const double loss = objective(x, b, h);
    if (problem_.inputs_.objective.gradient_noise > 0.0 || !velocity.empty()) {
      general_step(peer, x, velocity, t);
      return loss;
    }
    for (std::size_t k = 0; k < x.size(); ++k) {
      x[k] -= sgd.lr * (h[k] * (x[k] - b[k]) + sgd.weight_decay * x[k]);
    }
    return loss;
  }

  /// The step with noise, with momentum, or with both.
  void general_step(PeerId peer, std::span<float> x, std::span<float> velocity,
                    std::int64_t t) const {
    const SgdStep sgd = sgd_step_at(problem_.inputs_.sgd, t);
    const std::span<const float> b = problem_.local_optimum(peer);
    const std::span<const float> h = problem_.local_hessian(peer);
    const double noise = problem_.inputs_.objective.gradient_noise;
    Rng rng = problem_.inputs_.training_rng.split("noise", static_cast<std::uint64_t>(peer))
                  .split("step", static_cast<std::uint64_t>(t));
    for (std::size_t k = 0; k < x.size(); ++k) {
      float gradient = h[k] * (x[k] - b[k]);
      if (noise > 0.0) gradient += static_cast<float>(noise * rng.normal());
      gradient += sgd.weight_decay * x[k];
      if (!velocity.empty()) {
        velocity[k] = sgd.momentum * velocity[k] + gradient;
        gradient = velocity[k];
      }
      x[k] -= sgd.lr * gradient;
    }
  }

  const QuadraticProblem& problem_;
};

QuadraticProblem::QuadraticProblem(QuadraticInputs inputs)
    : inputs_(std::move(inputs)),
      dimension_(static_cast<std::size_t>(inputs_.objective.dimension)) {
  HEARSAY_CHECK(inputs_.objective.dimension >= 1);
  HEARSAY_CHECK(inputs_.num_peers >= 1);
  layout_.add("x", {inputs_.objective.dimension}, TensorKind::kWeight);
  draw_objectives();
}

void QuadraticProblem::draw_objectives() {
  const auto peers = static_cast<std::size_t>(inputs_.num_peers);
  const bool independent = inputs_.objective.hessian == QuadraticOptions::Hessian::kIndependent;
  const std::vector<double> eigenvalues = spectrum(inputs_.objective);
  local_optima_.resize(peers * dimension_);
  local_hessians_.resize((independent ? peers : 1) * dimension_);
  for (std::size_t k = 0; k < dimension_; ++k) {
    local_hessians_[k] = static_cast<float>(eigenvalues[k]);
  }
  mean_hessian_.assign(dimension_, 0.0);
  optimum_.assign(dimension_, 0.0);
  for (std::size_t peer = 0; peer < peers; ++peer) {
    Rng optimum_rng = inputs_.init_rng.split("optimum", peer);
    Rng hessian_rng = inputs_.init_rng.split("hessian", peer);
    for (std::size_t k = 0; k < dimension_; ++k) {
      float& b = local_optima_[peer * dimension_ + k];
      b = static_cast<float>(inputs_.objective.spread * optimum_rng.normal());
      float& h = local_hessians_[(independent ? peer * dimension_ : 0) + k];
      if (independent) {
        h = static_cast<float>(eigenvalues[k] * std::exp2(2.0 * hessian_rng.uniform() - 1.0));
      }
      mean_hessian_[k] += h;
      optimum_[k] += static_cast<double>(h) * b;
    }
  }
  for (std::size_t k = 0; k < dimension_; ++k) {
    optimum_[k] /= mean_hessian_[k];
    mean_hessian_[k] /= static_cast<double>(peers);
  }
}

std::span<const float> QuadraticProblem::local_optimum(PeerId peer) const {
  HEARSAY_CHECK(peer >= 0 && peer < inputs_.num_peers);
  return std::span(local_optima_).subspan(static_cast<std::size_t>(peer) * dimension_, dimension_);
}

std::span<const float> QuadraticProblem::local_hessian(PeerId peer) const {
  const bool common = inputs_.objective.hessian == QuadraticOptions::Hessian::kCommon;
  const std::size_t row = common ? 0 : static_cast<std::size_t>(peer);
  return std::span(local_hessians_).subspan(row * dimension_, dimension_);
}

ModelBuffer QuadraticProblem::initial_model(PeerId peer) const {
  const auto index = inputs_.init == Init::kCommon ? 0 : static_cast<std::uint64_t>(peer);
  Rng rng = inputs_.init_rng.split("model", index);
  ModelBuffer model = ModelBuffer::uninitialized(dimension_);
  for (float& value : model.writable()) value = static_cast<float>(rng.normal());
  return model;
}

ProblemTraits QuadraticProblem::traits() const {
  ProblemTraits traits{.is_cheap = true};
  const SgdOptions& sgd = inputs_.sgd;
  const bool is_plain = sgd.momentum <= 0.0 && sgd.weight_decay <= 0.0 &&
                        std::holds_alternative<ConstantScheduleOptions>(sgd.schedule) &&
                        inputs_.objective.gradient_noise <= 0.0 && steps_per_round(0) == 1;
  if (is_plain) {
    const auto [least, greatest] = std::ranges::minmax(local_hessians_);
    traits.curvature = {.least = sgd.lr * least, .greatest = sgd.lr * greatest};
  }
  return traits;
}

int QuadraticProblem::steps_per_round(PeerId) const {
  const TrainingOptions& training = inputs_.training;
  return training.local_steps > 0 ? training.local_steps : training.local_epochs;
}

std::unique_ptr<Learner> QuadraticProblem::make_learner() const {
  return std::make_unique<QuadraticLearner>(*this);
}

double QuadraticProblem::gap(std::span<const float> x) const {
  HEARSAY_CHECK(x.size() == dimension_);
  double sum = 0.0;
  for (std::size_t k = 0; k < dimension_; ++k) {
    const double distance = x[k] - optimum_[k];
    sum += mean_hessian_[k] * distance * distance;
  }
  return sum / 2.0;
}

}  // namespace hearsay

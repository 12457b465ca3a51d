#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "node/base/rng.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/learning/model_options.hpp"
#include "node/learning/training_options.hpp"

namespace hearsay {

/// What a quadratic problem is made of.
struct QuadraticInputs {
  QuadraticOptions objective;
  Init init = Init::kCommon;
  SgdOptions sgd;
  TrainingOptions training;  ///< local_steps or local_epochs: an epoch is one step.
  int num_peers = 1;
  Rng init_rng{0};
  Rng training_rng{0};
};

/// The objective of QuadraticOptions: no data, no LibTorch, a known optimum, `dimension`
/// floats per peer (twice that if the Hessians are independent).
///
/// With H = 1/n sum_i H_i the optimum of F is x* = H^-1 (1/n sum_i H_i b_i), and
/// F(x) - F(x*) = 1/2 (x - x*)^T H (x - x*), which costs O(dimension) to evaluate.
/// H_i has the entries condition^(k / (dimension - 1) - 1), k = 0 .. dimension - 1 (1 if
/// dimension is 1); independent Hessians multiply each by 2^u, u uniform in [-1, 1).
///
/// A training step uses the exact gradient H_i (x - b_i), plus N(0, gradient_noise^2)
/// per entry, drawn from training_rng.split("noise", peer).split("step", t). b_i comes
/// from init_rng.split("optimum", peer), the factors of H_i from split("hessian", peer),
/// the initial model ~ N(0, I) from split("model", 0 or peer). The training loss is
/// f_i(x) before the step. Every peer counts as owning one sample; only
/// EvaluationSet::kTest has data (1 sample, accuracy NaN).
class QuadraticProblem final : public LearningProblem {
 public:
  explicit QuadraticProblem(QuadraticInputs inputs);

  const ParameterLayout& layout() const override { return layout_; }
  ModelBuffer initial_model(PeerId peer) const override;
  int steps_per_round(PeerId peer) const override;
  std::int64_t train_samples(PeerId) const override { return 1; }
  ProblemTraits traits() const override;
  std::unique_ptr<Learner> make_learner() const override;

  /// x*, the minimiser of F.
  const std::vector<double>& optimum() const { return optimum_; }

  /// F(x) - F(x*). REQUIRES: x has `dimension` entries.
  double gap(std::span<const float> x) const;

 private:
  class QuadraticLearner;

  void draw_objectives();
  std::span<const float> local_optimum(PeerId peer) const;
  std::span<const float> local_hessian(PeerId peer) const;

  QuadraticInputs inputs_;
  std::size_t dimension_;
  ParameterLayout layout_;
  std::vector<float> local_optima_;    ///< b_i, peer by peer.
  std::vector<float> local_hessians_;  ///< H_i, peer by peer; one H_i if common.
  std::vector<double> mean_hessian_;
  std::vector<double> optimum_;
};

}  // namespace hearsay

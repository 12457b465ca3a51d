#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "node/base/class_score.hpp"
#include "node/base/curvature.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/parameter_layout.hpp"
#include "node/base/peer_id.hpp"
#include "node/learning/batch_sampler.hpp"

namespace hearsay {

/// What a peer carries from one local training to the next, beside its model.
struct TrainingState {
  std::int64_t steps = 0;  ///< Local steps done so far; also places the sampler.
  ModelBuffer moments;     ///< What the optimizer remembers, parameter by parameter: the velocity
                           ///< of SGD with momentum, Adam's m and behind it v; empty at first.
  BatchSampler sampler;    ///< Derived from `steps`; a cache, not part of a checkpoint.
};

/// The outcome of one local training.
struct TrainResult {
  ModelBuffer model;
  TrainingState state;
  double loss = 0.0;         ///< Mean training loss over the steps; NaN if there was none.
  std::int64_t samples = 0;  ///< Samples processed, counted with repetition.
  bool finite = true;        ///< False: some parameter or a step's loss is NaN or infinite.
};

/// Which data a model is tested on. None of it is data that a peer trains on.
enum class EvaluationSet {
  kTest,        ///< The test set, or the sample of it that the scenario asks for.
  kValidation,  ///< The peer's own held-out share of its training data.
  kLocalTest,   ///< Test samples drawn with the peer's own label distribution.
};

struct Evaluation {
  std::int64_t samples = 0;                                    ///< 0: there is no such data.
  double accuracy = std::numeric_limits<double>::quiet_NaN();  ///< NaN: no classifier.
  double loss = std::numeric_limits<double>::quiet_NaN();      ///< Mean over the samples.
};

/// Trains and tests models on one worker thread: the wall in front of LibTorch.
/// Holds that thread's module and scratch memory; results never depend on which
/// learner of a problem does the work. Not for concurrent use.
class Learner {
 public:
  virtual ~Learner() = default;

  /// `steps` steps of local training of `peer`, in place if `model` and
  /// `state.moments` are writable, on a copy else. A peer without training samples takes
  /// no step, however many are asked for: model and state come back as they were given.
  virtual TrainResult train(PeerId peer, ModelBuffer model, TrainingState state, int steps) = 0;

  /// Tests `model`. `peer` says whose data kValidation and kLocalTest mean.
  virtual Evaluation evaluate(const ModelBuffer& model, EvaluationSet set, PeerId peer) = 0;

  /// How `model` does on each class of the peer's held-out samples (kValidation); empty if
  /// there are no classes.
  virtual std::vector<ClassScore> class_scores(const ModelBuffer&, PeerId) { return {}; }
};

/// What can be known of a problem beforehand.
struct ProblemTraits {
  bool is_cheap = false;  ///< A round's training is far cheaper than handing it to a thread.

  /// Of lr f_i, if a peer's training is one plain gradient step, x - lr grad f_i(x).
  std::optional<Curvature> curvature{};
};

/// What all peers of a run learn: model, data, optimizer. Immutable; safe to share
/// between threads. Must outlive its learners.
class LearningProblem {
 public:
  virtual ~LearningProblem() = default;

  virtual const ParameterLayout& layout() const = 0;
  virtual ModelBuffer initial_model(PeerId peer) const = 0;

  /// Local steps of one round of `peer` (local_steps, or local_epochs over its data); 0 if
  /// it owns no training sample.
  virtual int steps_per_round(PeerId peer) const = 0;

  /// Training samples that `peer` owns.
  virtual std::int64_t train_samples(PeerId peer) const = 0;

  virtual ProblemTraits traits() const = 0;

  /// Call on the thread that will use the learner.
  virtual std::unique_ptr<Learner> make_learner() const = 0;
};

}  // namespace hearsay

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "node/learning/learning_problem.hpp"
#include "node/learning/network.hpp"
#include "node/learning/network_shape.hpp"
#include "node/learning/problem_factory.hpp"
#include "node/learning/test_samples.hpp"

namespace hearsay {

/// Makes a network for the thread that calls it.
using NetworkMaker = std::function<std::unique_ptr<Network>(const NetworkShape&)>;

/// Classification by SGD on the peers' samples; which code does the arithmetic is the
/// network maker's business. Random streams: batches from
/// training_rng.split("batches", peer), initial models from init_rng.split("model", 0 or
/// peer), the test sample from split("test_sample"), local test samples (drawn from the
/// test sample) from split("local_test", peer), pre-training from split("pretraining").
/// Where only the output layer is trained, it alone is the model (frozen_layers.hpp).
class ClassificationProblem final : public LearningProblem {
 public:
  /// @throws UserError if model, training data and test data do not fit each other, if no
  /// peer owns a training sample, or if pre-training ends in numbers that are not finite. Single
  /// peers may own none: they do not train, and have no validation and no local test data.
  /// REQUIRES: train and test data given, one list of samples per peer, and the same for
  /// validation or none.
  ClassificationProblem(LearningInputs inputs, NetworkMaker make_network);

  const ParameterLayout& layout() const override { return layout_; }
  ModelBuffer initial_model(PeerId peer) const override;
  int steps_per_round(PeerId peer) const override;
  std::int64_t train_samples(PeerId peer) const override;
  ProblemTraits traits() const override { return {}; }
  std::unique_ptr<Learner> make_learner() const override;

 private:
  class ClassificationLearner;

  ModelBuffer pretrained() const;
  void freeze_body();
  const std::vector<std::uint32_t>& owned(PeerId peer) const;
  std::vector<std::uint32_t> local_test_samples(PeerId peer) const;

  LearningInputs inputs_;
  NetworkMaker make_network_;
  NetworkShape shape_;
  ParameterLayout layout_;
  ModelBuffer common_;  ///< All peers' initial model, if it is not drawn.
  std::vector<std::uint32_t> test_samples_;
  std::optional<LocalTestDraw> local_test_;
};

}  // namespace hearsay

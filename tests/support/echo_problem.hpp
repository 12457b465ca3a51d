#pragma once

#include <memory>
#include <utility>

#include "node/learning/learning_problem.hpp"

namespace hearsay {

/// The simplest learning problem: one parameter per model, training adds the number of
/// steps, the loss of a model is its parameter. Every result can be told by hand.
class EchoProblem final : public LearningProblem {
 public:
  explicit EchoProblem(bool cheap = false) : cheap_(cheap) {
    layout_.add("x", {1}, TensorKind::kWeight);
  }

  const ParameterLayout& layout() const override { return layout_; }
  ModelBuffer initial_model(PeerId peer) const override {
    const auto value = static_cast<float>(peer);
    return ModelBuffer::copy_of(std::span(&value, 1));
  }
  int steps_per_round(PeerId) const override { return 2; }
  std::int64_t train_samples(PeerId) const override { return 1; }
  ProblemTraits traits() const override { return {.is_cheap = cheap_}; }
  std::unique_ptr<Learner> make_learner() const override { return std::make_unique<EchoLearner>(); }

 private:
  class EchoLearner final : public Learner {
   public:
    TrainResult train(PeerId, ModelBuffer model, TrainingState state, int steps) override {
      model.make_writable();
      model.writable()[0] += static_cast<float>(steps);
      state.steps += steps;
      return {.model = std::move(model), .state = std::move(state), .samples = steps};
    }
    Evaluation evaluate(const ModelBuffer& model, EvaluationSet, PeerId) override {
      return {.samples = 1, .loss = model.values()[0]};
    }
  };

  ParameterLayout layout_;
  bool cheap_;
};

}  // namespace hearsay

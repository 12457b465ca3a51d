#include "node/learning/classification_problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/base/finite.hpp"
#include "node/learning/adam_step.hpp"
#include "node/learning/foreign_classes.hpp"
#include "node/learning/frozen_layers.hpp"

namespace hearsay {
namespace {

void check_fit(const LearningInputs& inputs) {
  const DataSet& train = *inputs.data.train;
  const DataSet& test = *inputs.data.test;
  if (train.sample_shape != test.sample_shape) {
    throw UserError("data: training samples have " + std::to_string(train.sample_size()) +
                    " features in " + std::to_string(train.sample_shape.size()) +
                    " dimensions, test samples " + std::to_string(test.sample_size()) + " in " +
                    std::to_string(test.sample_shape.size()));
  }
  if (train.num_classes != test.num_classes) {
    throw UserError("data: " + std::to_string(train.num_classes) +
                    " classes in the training data, " + std::to_string(test.num_classes) +
                    " in the test data");
  }
  if (std::ranges::all_of(inputs.train, [](const auto& owned) { return owned.empty(); })) {
    throw UserError(
        "data.validation: no peer owns a training sample; use more samples or a smaller "
        "validation share");
  }
}

}  // namespace

class ClassificationProblem::ClassificationLearner final : public Learner {
 public:
  explicit ClassificationLearner(const ClassificationProblem& problem)
      : problem_(problem), network_(problem.make_network_(problem.shape_)) {}

  TrainResult train(PeerId peer, ModelBuffer model, TrainingState state, int steps) override {
    HEARSAY_CHECK(model.size() == problem_.layout_.size());
    const LearningInputs& inputs = problem_.inputs_;
    const Rng stream = inputs.training_rng.split("batches", static_cast<std::uint64_t>(peer));
    if (steps == 0 || problem_.owned(peer).empty()) {
      return unchanged(std::move(model), std::move(state));
    }
    model.make_writable();
    const std::span<float> parameters = model.writable();
    const std::span<float> moments = moments_of(state);
    std::optional<ForeignClasses> foreign;
    std::vector<float> as_before;
    if (inputs.training.classes == TrainedClasses::kOwn) {
      foreign.emplace(problem_.shape_, parameters.size(), *inputs.data.train, problem_.owned(peer));
      as_before = foreign->copy(parameters);
    }
    TrainResult result;
    for (int s = 0; s < steps; ++s, ++state.steps) {
      const SampleBatch batch{.data = *inputs.data.train,
                              .samples = state.sampler.batch(state.steps, problem_.owned(peer),
                                                             inputs.training.batch_size, stream)};
      result.loss += std::visit(
          [&](const auto& optimizer) {
            return step(optimizer, state.steps, batch, parameters, moments);
          },
          inputs.training.optimizer);
      result.samples += static_cast<std::int64_t>(batch.samples.size());
    }
    if (foreign) foreign->put_back(as_before, parameters);
    result.loss /= steps;
    result.finite = std::isfinite(result.loss) && all_finite(parameters);
    result.model = std::move(model);
    result.state = std::move(state);
    return result;
  }

  Evaluation evaluate(const ModelBuffer& model, EvaluationSet set, PeerId peer) override {
    HEARSAY_CHECK(model.size() == problem_.layout_.size());
    const TrainTestData& data = problem_.inputs_.data;
    switch (set) {
      case EvaluationSet::kTest:
        return score(model, {.data = *data.test, .samples = problem_.test_samples_});
      case EvaluationSet::kValidation: {
        const Partition& validation = problem_.inputs_.validation;
        if (validation.empty()) return {};
        const auto& samples = validation[static_cast<std::size_t>(peer)];
        return score(model, {.data = *data.train, .samples = samples});
      }
      case EvaluationSet::kLocalTest:
        return score(model, {.data = *data.test, .samples = problem_.local_test_samples(peer)});
    }
    HEARSAY_CHECK(!"unknown evaluation set");
    return {};
  }

  std::vector<ClassScore> class_scores(const ModelBuffer& model, PeerId peer) override {
    HEARSAY_CHECK(model.size() == problem_.layout_.size());
    const LearningInputs& inputs = problem_.inputs_;
    const DataSet& data = *inputs.data.train;
    std::vector<ClassScore> scores(static_cast<std::size_t>(data.num_classes));
    if (inputs.validation.empty()) return scores;
    const auto& samples = inputs.validation[static_cast<std::size_t>(peer)];
    if (samples.empty()) return scores;
    std::vector<int> classes(samples.size());
    std::vector<float> logits(samples.size() * scores.size());
    network_->infer({.data = data, .samples = samples}, model.values(), logits);
    classify(logits, classes);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const int label = data.labels[samples[i]];
      ClassScore& score = scores[static_cast<std::size_t>(label)];
      ++score.samples;
      if (classes[i] == label) ++score.correct;
      if (classes[i] >= 0) ++scores[static_cast<std::size_t>(classes[i])].predicted;
    }
    return scores;
  }

 private:
  static TrainResult unchanged(ModelBuffer model, TrainingState state) {
    TrainResult result;
    result.loss = std::numeric_limits<double>::quiet_NaN();
    result.finite = all_finite(model.values());
    result.model = std::move(model);
    result.state = std::move(state);
    return result;
  }

  static std::size_t num_moments(const SgdOptions& sgd) { return sgd.momentum > 0.0 ? 1 : 0; }
  static std::size_t num_moments(const AdamOptions&) { return 2; }

  std::span<float> moments_of(TrainingState& state) const {
    const std::size_t count =
        std::visit([](const auto& optimizer) { return num_moments(optimizer); },
                   problem_.inputs_.training.optimizer);
    if (count == 0) return {};
    const std::size_t size = count * problem_.layout_.size();
    if (state.moments.empty()) state.moments = ModelBuffer::zeros(size);
    HEARSAY_CHECK(state.moments.size() == size);
    state.moments.make_writable();
    return state.moments.writable();
  }

  /// One step on the batch; returns the loss before it.
  double step(const SgdOptions& sgd, std::int64_t t, const SampleBatch& batch,
              std::span<float> parameters, std::span<float> velocity) {
    return network_->train_step(batch, sgd_step_at(sgd, t), parameters, velocity);
  }

  /// Without momentum or rate, a step leaves the gradient as velocity and the model as it was.
  double step(const AdamOptions& adam, std::int64_t t, const SampleBatch& batch,
              std::span<float> parameters, std::span<float> moments) {
    gradient_.assign(parameters.size(), 0.0F);
    const SgdStep keep{
        .lr = 0.0F, .momentum = 0.0F, .weight_decay = static_cast<float>(adam.weight_decay)};
    const double loss = network_->train_step(batch, keep, parameters, gradient_);
    const AdamMoments halves{.mean = moments.first(parameters.size()),
                             .squares = moments.last(parameters.size())};
    adam_step(adam, t, gradient_, halves, parameters);
    return loss;
  }

  Evaluation score(const ModelBuffer& model, const SampleBatch& batch) {
    Evaluation evaluation;
    evaluation.samples = static_cast<std::int64_t>(batch.samples.size());
    if (batch.samples.empty()) return evaluation;
    const Scores scores = network_->score(batch, model.values());
    const auto samples = static_cast<double>(evaluation.samples);
    evaluation.accuracy = static_cast<double>(scores.correct) / samples;
    evaluation.loss = scores.loss_sum / samples;
    return evaluation;
  }

  const ClassificationProblem& problem_;
  std::unique_ptr<Network> network_;
  std::vector<float> gradient_;  ///< Of optimizers that are not part of the network's step.
};

ClassificationProblem::ClassificationProblem(LearningInputs inputs, NetworkMaker make_network)
    : inputs_(std::move(inputs)), make_network_(std::move(make_network)) {
  HEARSAY_CHECK(inputs_.data.train != nullptr);
  HEARSAY_CHECK(inputs_.data.test != nullptr);
  HEARSAY_CHECK(inputs_.train.size() == static_cast<std::size_t>(inputs_.num_peers));
  HEARSAY_CHECK(inputs_.validation.empty() || inputs_.validation.size() == inputs_.train.size());
  HEARSAY_CHECK(inputs_.training.batch_size >= 1);
  shape_ = network_shape(inputs_.model, *inputs_.data.train);
  check_fit(inputs_);
  layout_ = network_layout(shape_);
  if (inputs_.model.pretraining) common_ = pretrained();
  if (inputs_.training.layers == TrainedLayers::kHead && has_body(shape_)) freeze_body();
  const DataSet& test = *inputs_.data.test;
  test_samples_ =
      draw_test_sample(test.size(), inputs_.test_samples, inputs_.init_rng.split("test_sample"));
  if (inputs_.local_test) local_test_.emplace(test_samples_, test.labels, test.num_classes);
}

ModelBuffer ClassificationProblem::pretrained() const {
  const PretrainingOptions& options = *inputs_.model.pretraining;
  HEARSAY_CHECK(inputs_.general.train != nullptr);
  LearningInputs inputs{.model = inputs_.model,
                        .training = {.optimizer = options.optimizer,
                                     .batch_size = options.batch_size,
                                     .local_epochs = options.epochs},
                        .num_peers = 1,
                        .data = inputs_.general,
                        .train = Partition(1),
                        .init_rng = inputs_.init_rng.split("pretraining"),
                        .training_rng = inputs_.init_rng.split("pretraining"),
                        .kernels = inputs_.kernels};
  inputs.model.pretraining.reset();
  inputs.train[0].resize(inputs.data.train->labels.size());
  std::iota(inputs.train[0].begin(), inputs.train[0].end(), 0U);
  const ClassificationProblem general(std::move(inputs), make_network_);
  const TrainResult result =
      general.make_learner()->train(0, general.initial_model(0), {}, general.steps_per_round(0));
  if (!result.finite) {
    throw UserError("model.pretraining: the model is no longer finite after " +
                    std::to_string(general.steps_per_round(0)) + " steps; lower the learning rate");
  }
  const std::size_t below = layout_.size() - head_layout(shape_).size();
  ModelBuffer model = ModelBuffer::zeros(layout_.size());
  std::ranges::copy(result.model.values().first(below), model.writable().begin());
  return model;
}

void ClassificationProblem::freeze_body() {
  const ModelBuffer whole = initial_model(0);
  const std::size_t below = layout_.size() - head_layout(shape_).size();
  const auto body = make_network_(body_shape(shape_));
  const std::span<const float> frozen = whole.values().first(below);
  TrainTestData& data = inputs_.data;
  data = {.train = features_of(*data.train, shape_, *body, frozen),
          .test = features_of(*data.test, shape_, *body, frozen)};
  common_ = ModelBuffer::copy_of(whole.values().subspan(below));
  layout_ = head_layout(shape_);
  shape_ = head_shape(shape_);
}

const std::vector<std::uint32_t>& ClassificationProblem::owned(PeerId peer) const {
  HEARSAY_CHECK(peer >= 0 && peer < inputs_.num_peers);
  return inputs_.train[static_cast<std::size_t>(peer)];
}

ModelBuffer ClassificationProblem::initial_model(PeerId peer) const {
  if (!common_.empty()) return common_;
  const auto index = inputs_.model.init == Init::kCommon ? 0 : static_cast<std::uint64_t>(peer);
  ModelBuffer model = initial_parameters(layout_, inputs_.model.initializer,
                                         inputs_.init_rng.split("model", index));
  if (inputs_.init_gain == 1.0) return model;
  const auto gain = static_cast<float>(inputs_.init_gain);
  for (const TensorSlot& tensor : layout_.tensors()) {
    if (tensor.kind != TensorKind::kWeight) continue;
    for (float& value : model.writable().subspan(tensor.offset, tensor.size)) value *= gain;
  }
  return model;
}

int ClassificationProblem::steps_per_round(PeerId peer) const {
  const TrainingOptions& training = inputs_.training;
  if (train_samples(peer) == 0) return 0;
  if (training.local_steps > 0) return training.local_steps;
  const std::int64_t per_epoch =
      BatchSampler::steps_per_epoch(train_samples(peer), training.batch_size);
  return static_cast<int>(training.local_epochs * per_epoch);
}

std::int64_t ClassificationProblem::train_samples(PeerId peer) const {
  return static_cast<std::int64_t>(owned(peer).size());
}

std::unique_ptr<Learner> ClassificationProblem::make_learner() const {
  return std::make_unique<ClassificationLearner>(*this);
}

std::vector<std::uint32_t> ClassificationProblem::local_test_samples(PeerId peer) const {
  if (!local_test_.has_value()) return {};
  const DataSet& train = *inputs_.data.train;
  std::vector<std::int64_t> own_counts(static_cast<std::size_t>(train.num_classes), 0);
  for (const std::uint32_t sample : owned(peer)) ++own_counts[train.labels[sample]];
  return local_test_->draw(own_counts,
                           inputs_.init_rng.split("local_test", static_cast<std::uint64_t>(peer)));
}

}  // namespace hearsay

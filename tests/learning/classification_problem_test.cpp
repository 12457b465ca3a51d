// Problems with hand-written kernels: no LibTorch is loaded here.

#include "node/learning/classification_problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "node/base/error.hpp"
#include "tests/learning/image_data.hpp"
#include "tests/learning/isas.hpp"

namespace hearsay {
namespace {

const std::vector<std::int64_t> kMnist = {1, 28, 28};

LearningInputs small_inputs(ModelKind kind = LogisticOptions{}) {
  return one_peer(std::move(kind), random_images(70, kMnist, 1), random_images(50, kMnist, 2));
}

/// The message of the UserError that making the problem throws.
std::string error_of(LearningInputs inputs) {
  try {
    make_problem(std::move(inputs));
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ClassificationProblem, LayoutOfLenet5HasItsKnownSize) {
  const auto problem = make_problem(small_inputs(Lenet5Options{}));
  EXPECT_EQ(problem->layout().size(), 37106U);
  EXPECT_EQ(problem->layout().tensors()[2].name, "conv2.weight");
  EXPECT_EQ(problem->layout().tensors()[4].shape, (std::vector<std::int64_t>{84, 400}));
  EXPECT_EQ(make_problem(small_inputs(MlpOptions{{64}}))->layout().size(), 50890U);
}

TEST(ClassificationProblem, TrainingGivesTheSameBitsInOneCallOrInTwo) {
  const std::vector<std::pair<OptimizerOptions, std::size_t>> optimizers = {
      {SgdOptions{.lr = 0.05}, 0},
      {SgdOptions{.lr = 0.05, .momentum = 0.9}, 37106},
      {AdamOptions{}, 2 * 37106}};
  for (const auto& [optimizer, moments] : optimizers) {
    LearningInputs inputs = small_inputs(Lenet5Options{});
    inputs.training.optimizer = optimizer;
    const auto problem = make_problem(inputs);
    const auto learner = problem->make_learner();
    const TrainResult whole = learner->train(0, problem->initial_model(0), {}, 5);
    TrainResult parts = learner->train(0, problem->initial_model(0), {}, 2);
    const auto other = problem->make_learner();
    parts = other->train(0, std::move(parts.model), std::move(parts.state), 3);
    EXPECT_EQ(parts.model.digest(), whole.model.digest());
    EXPECT_EQ(parts.state.steps, 5);
    EXPECT_EQ(parts.state.moments.size(), moments);
    // 70 samples: batches of 32, 32, 6, 32, 32.
    EXPECT_EQ(whole.samples, 134);
    EXPECT_TRUE(whole.finite);
  }
}

// The first step of Adam has the rate in every entry that has a gradient, in the direction in
// which a step of SGD goes.
TEST(ClassificationProblem, AdamStepsAgainstTheGradient) {
  LearningInputs inputs = small_inputs(MlpOptions{{16}});
  const auto with_sgd = make_problem(inputs);
  inputs.training.optimizer = AdamOptions{.lr = 1e-3};
  const auto with_adam = make_problem(inputs);
  const ModelBuffer start = with_sgd->initial_model(0);
  const TrainResult sgd = with_sgd->make_learner()->train(0, start, {}, 1);
  const TrainResult adam = with_adam->make_learner()->train(0, start, {}, 1);
  EXPECT_EQ(sgd.loss, adam.loss);
  int moved = 0;
  for (std::size_t i = 0; i < start.size(); ++i) {
    const float by_sgd = sgd.model.values()[i] - start.values()[i];
    const float by_adam = adam.model.values()[i] - start.values()[i];
    if (std::abs(by_sgd) < 1e-5F) continue;
    EXPECT_NEAR(by_adam, std::copysign(1e-3F, by_sgd), 2e-6F);
    ++moved;
  }
  EXPECT_GT(moved, 1000);
}

TEST(ClassificationProblem, TrainsInPlaceOnlyWhatNobodyShares) {
  const auto problem = make_problem(small_inputs());
  const auto learner = problem->make_learner();
  ModelBuffer model = problem->initial_model(0);
  const float* const place = model.values().data();
  const TrainResult in_place = learner->train(0, std::move(model), {}, 1);
  EXPECT_EQ(in_place.model.values().data(), place);
  const Digest before = in_place.model.digest();
  const TrainResult copied = learner->train(0, in_place.model, {}, 1);
  EXPECT_NE(copied.model.values().data(), place);
  EXPECT_EQ(in_place.model.digest(), before);
}

TEST(ClassificationProblem, LearnsWhatCanBeLearnt) {
  auto data = std::make_shared<DataSet>(*random_images(200, kMnist, 3));
  auto& bytes = std::get<std::vector<std::uint8_t>>(data->features);
  for (std::size_t i = 0; i < 200; ++i) {
    for (std::size_t k = 0; k < 40; ++k) bytes[i * 784 + data->labels[i] * 70 + k] = 255;
  }
  for (const ModelKind& kind :
       {ModelKind{LogisticOptions{}}, ModelKind{MlpOptions{}}, ModelKind{Lenet5Options{}}}) {
    const auto problem = make_problem(one_peer(kind, data, data));
    const auto learner = problem->make_learner();
    const TrainResult result = learner->train(0, problem->initial_model(0), {}, 300);
    const Evaluation test = learner->evaluate(result.model, EvaluationSet::kTest, 0);
    EXPECT_GT(test.accuracy, 0.95);
    EXPECT_LT(test.loss, 0.5);
    EXPECT_EQ(test.samples, 200);
  }
}

TEST(ClassificationProblem, ReportsParametersThatAreNoNumbers) {
  const auto problem = make_problem(small_inputs());
  const auto learner = problem->make_learner();
  ModelBuffer model = problem->initial_model(0);
  model.writable()[17] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(learner->train(0, std::move(model), {}, 0).finite);
  model = problem->initial_model(0);
  model.writable()[17] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(learner->train(0, std::move(model), {}, 1).finite);
}

/// Peer 0 owns 70 samples, peer 1 none.
LearningInputs with_relay() {
  LearningInputs inputs = small_inputs();
  inputs.num_peers = 2;
  inputs.train.resize(2);
  inputs.validation = {{0, 1, 2}, {}};
  inputs.local_test = true;
  return inputs;
}

TEST(ClassificationProblem, PeersWithoutSamplesTakeNoStep) {
  LearningInputs inputs = with_relay();
  inputs.training.local_steps = 7;
  EXPECT_EQ(make_problem(inputs)->steps_per_round(0), 7);
  EXPECT_EQ(make_problem(inputs)->steps_per_round(1), 0);
  EXPECT_EQ(make_problem(inputs)->train_samples(1), 0);
  inputs.training.local_steps = 0;
  inputs.training.local_epochs = 2;
  EXPECT_EQ(make_problem(inputs)->steps_per_round(0), 6);
  EXPECT_EQ(make_problem(inputs)->steps_per_round(1), 0);
}

TEST(ClassificationProblem, PeersWithoutSamplesPassTheirModelThrough) {
  LearningInputs inputs = with_relay();
  inputs.training.optimizer = SgdOptions{.lr = 0.05, .momentum = 0.9};
  const auto problem = make_problem(inputs);
  const auto learner = problem->make_learner();
  const ModelBuffer model = problem->initial_model(1);
  for (const int steps : {0, 5}) {
    const TrainResult result = learner->train(1, model, {.steps = 4}, steps);
    EXPECT_EQ(result.model.values().data(), model.values().data());
    EXPECT_TRUE(std::isnan(result.loss));
    EXPECT_TRUE(result.finite);
    EXPECT_EQ(result.samples, 0);
    EXPECT_EQ(result.state.steps, 4);
    EXPECT_TRUE(result.state.moments.empty());
  }
}

TEST(ClassificationProblem, PeersWithoutSamplesAreTestedOnTheTestSetOnly) {
  const auto problem = make_problem(with_relay());
  const auto learner = problem->make_learner();
  const ModelBuffer model = problem->initial_model(1);
  EXPECT_EQ(learner->evaluate(model, EvaluationSet::kTest, 1).samples, 50);
  EXPECT_EQ(learner->evaluate(model, EvaluationSet::kValidation, 1).samples, 0);
  const Evaluation local = learner->evaluate(model, EvaluationSet::kLocalTest, 1);
  EXPECT_EQ(local.samples, 0);
  EXPECT_TRUE(std::isnan(local.accuracy));
}

TEST(ClassificationProblem, TestsOnTheSetAskedFor) {
  LearningInputs inputs = small_inputs();
  inputs.validation = {{0, 1, 2, 3, 4}};
  inputs.test_samples = Count{20};
  inputs.local_test = true;
  const auto problem = make_problem(inputs);
  const auto learner = problem->make_learner();
  const ModelBuffer model = problem->initial_model(0);
  EXPECT_EQ(learner->evaluate(model, EvaluationSet::kTest, 0).samples, 20);
  EXPECT_EQ(learner->evaluate(model, EvaluationSet::kValidation, 0).samples, 5);
  EXPECT_LT(learner->evaluate(model, EvaluationSet::kLocalTest, 0).samples, 20);
  inputs.validation.clear();
  inputs.local_test = false;
  const auto bare = make_problem(inputs);
  EXPECT_EQ(bare->make_learner()->evaluate(model, EvaluationSet::kValidation, 0).samples, 0);
  EXPECT_EQ(bare->make_learner()->evaluate(model, EvaluationSet::kLocalTest, 0).samples, 0);
}

TEST(ClassificationProblem, ScoresTheClassesOfHeldOutSamples) {
  LearningInputs inputs = small_inputs(MlpOptions{{16}});
  inputs.validation = {{}};
  for (std::uint32_t sample = 0; sample < 70; sample += 2) inputs.validation[0].push_back(sample);
  const auto problem = make_problem(inputs);
  const auto learner = problem->make_learner();
  const ModelBuffer model = problem->initial_model(0);
  std::vector<std::int64_t> samples(10);
  for (const std::uint32_t sample : inputs.validation[0]) {
    ++samples[inputs.data.train->labels[sample]];
  }
  std::int64_t correct = 0;
  std::int64_t predicted = 0;
  const std::vector<ClassScore> scores = learner->class_scores(model, 0);
  ASSERT_EQ(scores.size(), 10U);
  for (std::size_t c = 0; c < 10; ++c) {
    EXPECT_EQ(scores[c].samples, samples[c]);
    EXPECT_LE(scores[c].correct, std::min(scores[c].samples, scores[c].predicted));
    correct += scores[c].correct;
    predicted += scores[c].predicted;
  }
  EXPECT_EQ(predicted, 35);
  EXPECT_DOUBLE_EQ(static_cast<double>(correct) / 35.0,
                   learner->evaluate(model, EvaluationSet::kValidation, 0).accuracy);
}

TEST(ClassificationProblem, CountsTheStepsOfARound) {
  LearningInputs inputs = small_inputs();
  inputs.training.local_steps = 7;
  EXPECT_EQ(make_problem(inputs)->steps_per_round(0), 7);
  inputs.training.local_steps = 0;
  inputs.training.local_epochs = 2;  // 70 samples in batches of 32: 3 steps an epoch.
  EXPECT_EQ(make_problem(inputs)->steps_per_round(0), 6);
  EXPECT_EQ(make_problem(inputs)->train_samples(0), 70);
}

// conv1: fan in 25, fan out 6 * 25. fan_in: all within 1/5. xavier: within
// sqrt(6 / 175) = 0.18516, biases zero.
TEST(InitialParameters, StayWithinTheirBounds) {
  const auto layout = network_layout({NetworkShape::Family::kLenet5, {400, 84, 10}});
  const ModelBuffer fan_in = initial_parameters(layout, Initializer::kFanIn, Rng(1));
  const ModelBuffer xavier = initial_parameters(layout, Initializer::kXavier, Rng(1));
  float largest_fan_in = 0.0F;
  float largest_xavier = 0.0F;
  for (std::size_t i = 0; i < 150; ++i) {
    largest_fan_in = std::max(largest_fan_in, std::abs(fan_in.values()[i]));
    largest_xavier = std::max(largest_xavier, std::abs(xavier.values()[i]));
  }
  EXPECT_LE(largest_fan_in, 0.2F);
  EXPECT_GT(largest_fan_in, 0.19F);
  EXPECT_LE(largest_xavier, 0.18516F);
  EXPECT_GT(largest_xavier, 0.176F);
  for (std::size_t i = 150; i < 156; ++i) {
    EXPECT_NE(fan_in.values()[i], 0.0F);
    EXPECT_EQ(xavier.values()[i], 0.0F);
  }
}

TEST(InitialParameters, AreScaledByAGainButForBiases) {
  LearningInputs inputs = small_inputs(MlpOptions{{16}});
  const ModelBuffer plain = make_problem(inputs)->initial_model(0);
  inputs.init_gain = 3.0;
  const auto problem = make_problem(inputs);
  const ModelBuffer scaled = problem->initial_model(0);
  for (const TensorSlot& tensor : problem->layout().tensors()) {
    const float gain = tensor.kind == TensorKind::kWeight ? 3.0F : 1.0F;
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) {
      ASSERT_FLOAT_EQ(scaled.values()[i], gain * plain.values()[i]) << tensor.name;
    }
  }
}

TEST(InitialParameters, AreCommonOrIndependent) {
  LearningInputs inputs = small_inputs();
  EXPECT_EQ(make_problem(inputs)->initial_model(0).digest(),
            make_problem(inputs)->initial_model(1).digest());
  inputs.model.init = Init::kIndependent;
  EXPECT_NE(make_problem(inputs)->initial_model(0).digest(),
            make_problem(inputs)->initial_model(1).digest());
}

TEST(MakeProblem, RefusesDataThatDoNotFit) {
  const std::vector<std::int64_t> cifar = {3, 32, 32};
  EXPECT_EQ(
      error_of(one_peer(Lenet5Options{}, random_images(5, cifar, 1), random_images(5, cifar, 2))),
      "model: lenet5 needs samples of 1 x 28 x 28, the data has 3 x 32 x 32 (mlp takes any "
      "shape)");
  EXPECT_NE(
      error_of(one_peer(LogisticOptions{}, random_images(5, kMnist, 1), random_images(5, cifar, 2)))
          .find("test samples"),
      std::string::npos);
  LearningInputs inputs = small_inputs();
  inputs.train[0].clear();
  EXPECT_EQ(error_of(inputs),
            "data.validation: no peer owns a training sample; use more samples or a smaller "
            "validation share");
}

TEST(MakeProblem, SaysThatLibTorchsModuleIsMissing) {
  LearningInputs inputs = small_inputs();
  inputs.model.kernels = Kernels::kAutograd;
  EXPECT_NE(error_of(inputs).find("libhearsay_torch.so"), std::string::npos);
}

TEST(MakeProblem, InstructionSetsAgree) {
  std::vector<Evaluation> evaluations;
  for (const std::string& isa : available_isas()) {
    LearningInputs inputs = small_inputs(Lenet5Options{});
    inputs.kernels.fused_isa = isa;
    const auto problem = make_problem(inputs);
    const auto learner = problem->make_learner();
    const TrainResult result = learner->train(0, problem->initial_model(0), {}, 10);
    evaluations.push_back(learner->evaluate(result.model, EvaluationSet::kTest, 0));
    EXPECT_NEAR(evaluations.back().loss, evaluations.front().loss, 1e-4) << isa;
  }
}

}  // namespace
}  // namespace hearsay

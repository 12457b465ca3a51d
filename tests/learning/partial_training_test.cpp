// What pre-training leaves, and what a local training may change.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "node/base/error.hpp"
#include "node/learning/foreign_classes.hpp"
#include "node/learning/problem_factory.hpp"
#include "tests/learning/image_data.hpp"

namespace hearsay {
namespace {

LearningInputs mlp_inputs() {
  return one_peer(MlpOptions{{16}}, random_images(70, {1, 6, 6}, 1),
                  random_images(50, {1, 6, 6}, 2));
}

TEST(ForeignClasses, AreRowsAndBiasesOfClassesWithoutASample) {
  // Three classes of two features behind a body of one number; the peer has class 1 only.
  DataSet data;
  data.labels = {0, 1, 2, 1};
  const std::vector<std::uint32_t> owned = {1, 3};
  const NetworkShape shape{.widths = {2, 3}};
  std::vector<float> model = {9, 0, 1, 10, 11, 20, 21, 100, 101, 102};
  const ForeignClasses foreign(shape, model.size(), data, owned);
  const std::vector<float> before = foreign.copy(model);
  EXPECT_EQ(before, (std::vector<float>{0, 1, 100, 20, 21, 102}));
  std::ranges::fill(model, 5.0F);
  foreign.put_back(before, model);
  EXPECT_EQ(model, (std::vector<float>{5, 0, 1, 5, 5, 20, 21, 100, 5, 102}));
  // Without a bias.
  model = {9, 0, 1, 10, 11, 20, 21};
  const ForeignClasses rows({.widths = {2, 3}, .output_bias = false}, model.size(), data, owned);
  EXPECT_EQ(rows.copy(model), (std::vector<float>{0, 1, 20, 21}));
}

TEST(TrainedClasses, OwnKeepsTheOutputLayerOfForeignClasses) {
  LearningInputs inputs = mlp_inputs();
  auto& owned = inputs.train[0];
  const DataSet& data = *inputs.data.train;
  std::erase_if(owned, [&](std::uint32_t sample) { return data.labels[sample] >= 4; });
  const TrainResult all = [&] {
    const auto problem = make_problem(inputs);
    return problem->make_learner()->train(0, problem->initial_model(0), {}, 6);
  }();
  inputs.training.classes = TrainedClasses::kOwn;
  const auto problem = make_problem(inputs);
  const ModelBuffer start = problem->initial_model(0);
  const TrainResult own = problem->make_learner()->train(0, start, {}, 6);
  EXPECT_EQ(own.loss, all.loss) << "they take part in the steps";
  const TensorSlot& weight = problem->layout().tensors()[2];
  const TensorSlot& bias = problem->layout().tensors()[3];
  for (std::size_t i = 0; i < start.size(); ++i) {
    std::size_t output = 0;
    if (i >= weight.offset) output = (i - weight.offset) / 16;
    if (i >= bias.offset) output = i - bias.offset;
    const bool foreign = i >= weight.offset && output >= 4;
    const float expected = foreign ? start.values()[i] : all.model.values()[i];
    ASSERT_EQ(own.model.values()[i], expected) << i;
    if (i >= bias.offset) EXPECT_NE(all.model.values()[i], start.values()[i]) << i;
  }
}

LearningInputs pretrained_inputs(int epochs) {
  LearningInputs inputs = mlp_inputs();
  inputs.general = {.train = random_images(90, {1, 6, 6}, 3),
                    .test = random_images(20, {1, 6, 6}, 4)};
  inputs.model.pretraining = PretrainingOptions{.classes = {0, 1}, .epochs = epochs};
  return inputs;
}

TEST(Pretraining, GivesAllPeersOneBodyAndAnOutputLayerOfZeros) {
  const auto problem = make_problem(pretrained_inputs(2));
  const auto again = make_problem(pretrained_inputs(2));
  const ModelBuffer model = problem->initial_model(0);
  EXPECT_EQ(model.digest(), again->initial_model(0).digest());
  const std::size_t below = problem->layout().tensors()[2].offset;
  for (const float value : model.values().subspan(below)) ASSERT_EQ(value, 0.0F);
  const ModelBuffer other = make_problem(pretrained_inputs(1))->initial_model(0);
  EXPECT_FALSE(std::ranges::equal(model.values().first(below), other.values().first(below)));
}

// The same body as a peer gets that trains, on the same data and from the same streams, alone.
TEST(Pretraining, IsTrainingOnThoseData) {
  LearningInputs alone = mlp_inputs();
  const LearningInputs inputs = pretrained_inputs(3);
  alone.data = inputs.general;
  alone.train[0].resize(90);
  std::iota(alone.train[0].begin(), alone.train[0].end(), 0U);
  alone.init_rng = inputs.init_rng.split("pretraining");
  alone.training_rng = alone.init_rng;
  const auto trained_alone = make_problem(alone);
  const TrainResult expected =
      trained_alone->make_learner()->train(0, trained_alone->initial_model(0), {}, 9);
  const ModelBuffer model = make_problem(inputs)->initial_model(0);
  const std::size_t below = trained_alone->layout().tensors()[2].offset;
  EXPECT_TRUE(
      std::ranges::equal(model.values().first(below), expected.model.values().first(below)));
}

TEST(Pretraining, ThatDivergesIsAnError) {
  LearningInputs inputs = pretrained_inputs(20);
  inputs.model.pretraining->optimizer = SgdOptions{.lr = 1e30};
  EXPECT_THROW(make_problem(inputs), UserError);
}

}  // namespace
}  // namespace hearsay

// Frozen layers with either kind of kernels; autograd's lie in LibTorch's module.

#include "node/learning/frozen_layers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "node/learning/problem_factory.hpp"
#include "tests/learning/image_data.hpp"

namespace hearsay {
namespace {

struct FrozenCase {
  std::string name;
  ModelOptions model;
  OptimizerOptions optimizer;
};

void PrintTo(const FrozenCase& frozen, std::ostream* out) { *out << frozen.name; }

std::vector<FrozenCase> frozen_cases() {
  const SgdOptions sgd{.lr = 0.05, .momentum = 0.9, .weight_decay = 1e-3};
  return {{"mlp", {.kind = MlpOptions{{37, 16}}}, sgd},
          {"mlp_without_bias", {.kind = MlpOptions{{37}}, .output_bias = false}, sgd},
          {"lenet5", {.kind = Lenet5Options{}}, SgdOptions{.lr = 0.05}},
          {"lenet5_by_adam", {.kind = Lenet5Options{}, .output_bias = false}, AdamOptions{}}};
}

class FrozenLayers : public testing::TestWithParam<std::tuple<FrozenCase, Kernels>> {
 protected:
  LearningInputs inputs(TrainedLayers layers) const {
    const auto& [frozen, kernels] = GetParam();
    LearningInputs made = one_peer(frozen.model.kind, random_images(70, {1, 28, 28}, 1),
                                   random_images(50, {1, 28, 28}, 2));
    made.model = frozen.model;
    made.model.kernels = kernels;
    made.training.optimizer = frozen.optimizer;
    made.training.layers = layers;
    return made;
  }
};

float largest_difference(std::span<const float> a, std::span<const float> b) {
  float largest = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// The slow way: train all layers, step by step, and undo what happened to those below the output
// layer. Theirs are the first parameters, and the first of every moment.
TEST_P(FrozenLayers, TrainTheHeadAsIfTheOthersWerePutBackAfterEveryStep) {
  const auto whole = make_problem(inputs(TrainedLayers::kAll));
  const auto head = make_problem(inputs(TrainedLayers::kHead));
  const std::size_t below = whole->layout().size() - head->layout().size();
  ASSERT_GT(below, 0U);
  const auto slow = whole->make_learner();
  const ModelBuffer start = whole->initial_model(0);
  TrainResult expected{.model = start};
  const auto fast = head->make_learner();
  TrainResult result{.model = head->initial_model(0)};
  for (int step = 0; step < 8; ++step) {
    expected = slow->train(0, std::move(expected.model), std::move(expected.state), 1);
    expected.model.make_writable();
    std::ranges::copy(start.values().first(below), expected.model.writable().begin());
    result = fast->train(0, std::move(result.model), std::move(result.state), 1);
    EXPECT_NEAR(result.loss, expected.loss, 2e-5) << step;
  }
  EXPECT_LE(largest_difference(result.model.values(), expected.model.values().subspan(below)),
            2e-5F);
  EXPECT_GT(largest_difference(result.model.values(), start.values().subspan(below)), 1e-3F);
  const Evaluation tested = fast->evaluate(result.model, EvaluationSet::kTest, 0);
  const Evaluation whole_tested = slow->evaluate(expected.model, EvaluationSet::kTest, 0);
  EXPECT_EQ(tested.accuracy, whole_tested.accuracy);
  EXPECT_NEAR(tested.loss, whole_tested.loss, 2e-5);
}

TEST_P(FrozenLayers, LeaveTheOutputLayerAsTheModel) {
  const auto whole = make_problem(inputs(TrainedLayers::kAll));
  const auto head = make_problem(inputs(TrainedLayers::kHead));
  const std::size_t tensors = std::get<0>(GetParam()).model.output_bias ? 2 : 1;
  ASSERT_EQ(head->layout().tensors().size(), tensors);
  const std::size_t first = whole->layout().tensors().size() - tensors;
  for (std::size_t i = 0; i < tensors; ++i) {
    EXPECT_EQ(head->layout().tensors()[i].name, whole->layout().tensors()[first + i].name);
    EXPECT_EQ(head->layout().tensors()[i].shape, whole->layout().tensors()[first + i].shape);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryModel, FrozenLayers,
                         testing::Combine(testing::ValuesIn(frozen_cases()),
                                          testing::Values(Kernels::kFused, Kernels::kAutograd)),
                         [](const auto& one) {
                           const bool fused = std::get<1>(one.param) == Kernels::kFused;
                           return std::get<0>(one.param).name + (fused ? "_fused" : "_autograd");
                         });

}  // namespace
}  // namespace hearsay

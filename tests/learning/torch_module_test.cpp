#include "node/learning/torch_module.hpp"

#include <gtest/gtest.h>

#include "tests/learning/image_data.hpp"

namespace hearsay {
namespace {

LearningInputs lenet5_inputs(Kernels kernels) {
  LearningInputs inputs = one_peer(Lenet5Options{}, random_images(100, {1, 28, 28}, 1),
                                   random_images(60, {1, 28, 28}, 2));
  inputs.model.kernels = kernels;
  return inputs;
}

TEST(TorchModule, TrainsLikeTheFusedKernels) {
  const auto fused = make_problem(lenet5_inputs(Kernels::kFused));
  const auto reference = make_problem(lenet5_inputs(Kernels::kAutograd));
  EXPECT_EQ(fused->layout(), reference->layout());
  EXPECT_EQ(fused->initial_model(0).digest(), reference->initial_model(0).digest());
  const auto learner = fused->make_learner();
  const auto reference_learner = reference->make_learner();
  const TrainResult ours = learner->train(0, fused->initial_model(0), {}, 8);
  const TrainResult theirs = reference_learner->train(0, fused->initial_model(0), {}, 8);
  EXPECT_NEAR(ours.loss, theirs.loss, 1e-4);
  EXPECT_EQ(ours.samples, theirs.samples);
  const Evaluation test = learner->evaluate(ours.model, EvaluationSet::kTest, 0);
  const Evaluation expected = reference_learner->evaluate(theirs.model, EvaluationSet::kTest, 0);
  EXPECT_NEAR(test.loss, expected.loss, 1e-4);
  EXPECT_EQ(test.accuracy, expected.accuracy);
}

TEST(TorchModule, NamesItsLibraries) {
  const TorchLibraries libraries = torch_libraries();
  EXPECT_FALSE(libraries.torch_version.empty());
  EXPECT_FALSE(libraries.blas.empty());
}

}  // namespace
}  // namespace hearsay

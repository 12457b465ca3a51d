// The hand-written networks against LibTorch's operators and autograd.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "node/learning/fused_network.hpp"
#include "node/learning/torch_network.hpp"
#include "tests/learning/image_data.hpp"
#include "tests/learning/isas.hpp"

namespace hearsay {
namespace {

struct Architecture {
  std::string name;
  ModelOptions model;
  std::vector<std::int64_t> sample_shape;

  /// Of the initial model: one from which, in fifty steps, rounding never decides which of two
  /// values a pooling takes. Where it does, both ways part.
  std::uint64_t seed = 5;
};

void PrintTo(const Architecture& architecture, std::ostream* out) { *out << architecture.name; }

/// Widths that are no multiple of any vector, and smaller than one, among them.
std::vector<Architecture> architectures() {
  return {{"logistic", {.kind = LogisticOptions{}}, {1, 28, 28}},
          {"mlp", {.kind = MlpOptions{{64}}}, {1, 28, 28}},
          {"deep_odd_mlp", {.kind = MlpOptions{{37, 5, 19}}}, {3, 7, 5}},
          {"tiny_mlp", {.kind = MlpOptions{{3}}}, {2}},
          {"lenet5", {.kind = Lenet5Options{}}, {1, 28, 28}},
          {"mlp_without_bias", {.kind = MlpOptions{{37}}, .output_bias = false}, {3, 7, 5}},
          {"lenet5_without_bias", {.kind = Lenet5Options{}, .output_bias = false}, {1, 28, 28}, 6}};
}

class FusedNetwork : public testing::TestWithParam<std::tuple<Architecture, std::string>> {
 protected:
  FusedNetwork()
      : data_(random_images(300, std::get<0>(GetParam()).sample_shape, 3)),
        shape_(network_shape(std::get<0>(GetParam()).model, *data_)),
        layout_(network_layout(shape_)),
        fused_(make_fused_network(shape_, std::get<1>(GetParam()))),
        reference_(make_torch_network(shape_, std::get<1>(GetParam()))),
        indices_(300) {
    std::iota(indices_.begin(), indices_.end(), 0U);
  }

  ModelBuffer initial() const {
    return initial_parameters(layout_, Initializer::kFanIn, Rng(std::get<0>(GetParam()).seed));
  }

  SampleBatch batch(std::size_t first, std::size_t count) const {
    return {.data = *data_, .samples = std::span(indices_).subspan(first, count)};
  }

  std::vector<int> classes_of(Network& network, const ModelBuffer& model) const {
    std::vector<float> logits(300 * static_cast<std::size_t>(shape_.widths.back()));
    std::vector<int> classes(300);
    network.infer(batch(0, 300), model.values(), logits);
    classify(logits, classes);
    return classes;
  }

  std::shared_ptr<const DataSet> data_;
  NetworkShape shape_;
  ParameterLayout layout_;
  std::unique_ptr<Network> fused_;
  std::unique_ptr<Network> reference_;
  std::vector<std::uint32_t> indices_;
};

double largest(std::span<const float> values) {
  double result = 0.0;
  for (const float value : values) result = std::max(result, std::abs(double{value}));
  return result;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double result = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(double{a[i]} - b[i]);
    result = std::isnan(difference) ? difference : std::max(result, difference);
  }
  return result;
}

// With lr 1, momentum and a velocity of zeros, the velocity after a step is the gradient.
TEST_P(FusedNetwork, GradientsEqualAutogradsForEveryBatchSize) {
  const SgdStep step{.lr = 1.0F, .momentum = 0.5F, .weight_decay = 0.0F};
  for (std::size_t count = 1; count <= 33; ++count) {
    ModelBuffer ours = initial();
    ModelBuffer theirs = initial();
    ModelBuffer gradient = ModelBuffer::zeros(ours.size());
    ModelBuffer expected = ModelBuffer::zeros(ours.size());
    const double loss =
        fused_->train_step(batch(count, count), step, ours.writable(), gradient.writable());
    const double expected_loss =
        reference_->train_step(batch(count, count), step, theirs.writable(), expected.writable());
    EXPECT_NEAR(loss, expected_loss, 1e-5 * expected_loss) << "batch of " << count;
    for (const TensorSlot& tensor : layout_.tensors()) {
      const auto mine = gradient.values().subspan(tensor.offset, tensor.size);
      const auto right = expected.values().subspan(tensor.offset, tensor.size);
      EXPECT_LE(largest_difference(mine, right), 2e-5 * largest(right) + 1e-8)
          << tensor.name << ", batch of " << count;
    }
    EXPECT_LE(largest_difference(ours.values(), theirs.values()), 2e-5) << "batch of " << count;
  }
}

TEST_P(FusedNetwork, TakesSamplesForTheClassesThatAutogradDoes) {
  // Trained until it tells samples apart: fresh models may take all for one class.
  ModelBuffer model = initial();
  for (std::size_t t = 0; t < 200; ++t) {
    fused_->train_step(batch(t % 10 * 30, 30), {.lr = 0.2F}, model.writable(), {});
  }
  const std::vector<int> ours = classes_of(*fused_, model);
  EXPECT_EQ(ours, classes_of(*reference_, model));
  EXPECT_NE(std::ranges::count(ours, ours[0]), 300);
  std::int64_t correct = 0;
  for (std::size_t i = 0; i < 300; ++i) correct += ours[i] == data_->labels[i] ? 1 : 0;
  EXPECT_EQ(correct, fused_->score(batch(0, 300), model.values()).correct);
  model.writable().back() = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(classes_of(*fused_, model), std::vector<int>(300, -1));
  EXPECT_EQ(classes_of(*reference_, model), std::vector<int>(300, -1));
}

TEST_P(FusedNetwork, FiftyStepsEndWhereAutogradEnds) {
  for (const SgdStep step : {SgdStep{0.05F, 0.0F, 0.0F}, SgdStep{0.02F, 0.9F, 1e-3F}}) {
    ModelBuffer ours = initial();
    ModelBuffer theirs = initial();
    ModelBuffer velocity = ModelBuffer::zeros(ours.size());
    ModelBuffer their_velocity = ModelBuffer::zeros(ours.size());
    const bool heavy = step.momentum > 0.0F;
    for (std::size_t s = 0; s < 50; ++s) {
      const SampleBatch samples = batch(s * 29 % 260, 32);
      fused_->train_step(samples, step, ours.writable(),
                         heavy ? velocity.writable() : std::span<float>());
      reference_->train_step(samples, step, theirs.writable(),
                             heavy ? their_velocity.writable() : std::span<float>());
    }
    const double moved = largest_difference(theirs.values(), initial().values());
    EXPECT_GT(moved, 0.01);
    EXPECT_LE(largest_difference(ours.values(), theirs.values()), 2e-3 * moved);
  }
}

TEST_P(FusedNetwork, TestsLikeTheReference) {
  const ModelBuffer model = initial();
  for (const std::size_t count : {1, 63, 64, 65, 300}) {
    const Scores ours = fused_->score(batch(0, count), model.values());
    const Scores theirs = reference_->score(batch(0, count), model.values());
    EXPECT_EQ(ours.correct, theirs.correct) << count;
    EXPECT_NEAR(ours.loss_sum, theirs.loss_sum, 1e-5 * theirs.loss_sum) << count;
  }
}

TEST_P(FusedNetwork, ReportsLossesThatAreNoNumbers) {
  ModelBuffer model = initial();
  const TensorSlot& last_bias = layout_.tensors().back();
  model.writable()[last_bias.offset + 3] = std::numeric_limits<float>::quiet_NaN();
  const Scores scores = fused_->score(batch(0, 40), model.values());
  EXPECT_EQ(scores.correct, 0);
  EXPECT_TRUE(std::isnan(scores.loss_sum));
  EXPECT_EQ(reference_->score(batch(0, 40), model.values()).correct, 0);
  EXPECT_TRUE(std::isnan(
      fused_->train_step(batch(0, 40), {.lr = 0.1F}, model.writable(), std::span<float>())));
}

TEST_P(FusedNetwork, SeparatesSamplesByLargeLogits) {
  ModelBuffer model = initial();
  for (float& value : model.writable()) value *= 30.0F;
  const Scores ours = fused_->score(batch(0, 300), model.values());
  const Scores theirs = reference_->score(batch(0, 300), model.values());
  EXPECT_EQ(ours.correct, theirs.correct);
  EXPECT_NEAR(ours.loss_sum, theirs.loss_sum, 1e-5 * theirs.loss_sum);
}

INSTANTIATE_TEST_SUITE_P(EveryArchitecture, FusedNetwork,
                         testing::Combine(testing::ValuesIn(architectures()),
                                          testing::ValuesIn(available_isas())),
                         [](const auto& test) {
                           return std::get<0>(test.param).name + "_" +
                                  isa_name(std::get<1>(test.param));
                         });

}  // namespace
}  // namespace hearsay

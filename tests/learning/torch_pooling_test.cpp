#include "node/learning/torch_pooling.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "node/base/rng.hpp"
#include "tests/learning/isas.hpp"

namespace hearsay {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Pooled {
  torch::Tensor values;
  torch::Tensor gradient;
};

/// `operation` on a copy of x, and what comes back to x when `gradient` comes in.
Pooled pooled(const auto& operation, const torch::Tensor& x, const torch::Tensor& gradient) {
  const torch::Tensor leaf = x.detach().clone().set_requires_grad(true);
  const torch::Tensor values = operation(leaf);
  values.backward(gradient);
  return {values.detach(), leaf.grad()};
}

/// Every NaN of these tests is the same NaN.
bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  return a.contiguous().view(torch::kInt32).equal(b.contiguous().view(torch::kInt32));
}

torch::Tensor drawn_from(const std::vector<float>& values, std::vector<std::int64_t> shape,
                         Rng rng) {
  torch::Tensor result = torch::empty(shape);
  auto* const out = result.data_ptr<float>();
  for (std::int64_t i = 0; i < result.numel(); ++i) out[i] = values[rng.below(values.size())];
  return result;
}

/// Small and odd ones; channels below, at and above each width of vectors; lenet5's two.
std::vector<std::vector<std::int64_t>> shapes() {
  return {{1, 1, 2, 2},    {1, 1, 3, 3},     {2, 3, 5, 7},  {1, 4, 2, 9},
          {3, 5, 9, 2},    {2, 8, 4, 6},     {1, 17, 7, 4}, {2, 33, 3, 5},
          {32, 6, 28, 28}, {32, 16, 10, 10}, {0, 6, 28, 28}};
}

class ReluMaxPool : public testing::TestWithParam<std::string> {
 protected:
  void expect_like_torch(const torch::Tensor& x, const torch::Tensor& gradient) const {
    const Pooled ours = pooled(
        [this](const torch::Tensor& leaf) { return relu_max_pool(leaf, GetParam()); }, x, gradient);
    const Pooled torchs =
        pooled([](const torch::Tensor& leaf) { return torch::max_pool2d(torch::relu(leaf), 2); }, x,
               gradient);
    EXPECT_TRUE(same_bits(ours.values, torchs.values)) << x.sizes();
    EXPECT_TRUE(same_bits(ours.gradient, torchs.gradient)) << x.sizes();
  }

  /// Inputs drawn from `values`, for every shape and both layouts.
  void expect_like_torch(const std::vector<float>& values) const {
    for (const std::vector<std::int64_t>& shape : shapes()) {
      const torch::Tensor x = drawn_from(values, shape, Rng(5));
      const torch::Tensor gradient =
          drawn_from({-2.0F, -0.0F, 0.0F, 0.5F, 3.0F, kInfinity, kNaN},
                     {shape[0], shape[1], shape[2] / 2, shape[3] / 2}, Rng(6));
      expect_like_torch(x, gradient);
      expect_like_torch(x.contiguous(at::MemoryFormat::ChannelsLast), gradient);
      expect_like_torch(x, gradient.contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
};

TEST_P(ReluMaxPool, EqualsTorchOnDistinctNumbers) {
  std::vector<float> values;
  for (int i = -500; i < 500; ++i) values.push_back(static_cast<float>(i) / 7.0F);
  expect_like_torch(values);
}

TEST_P(ReluMaxPool, EqualsTorchOnTies) { expect_like_torch({-1.0F, 1.0F, 2.0F}); }

TEST_P(ReluMaxPool, EqualsTorchOnZerosOfBothSigns) { expect_like_torch({-1.0F, -0.0F, 0.0F}); }

TEST_P(ReluMaxPool, EqualsTorchOnInfinitiesAndNaN) {
  expect_like_torch({-kInfinity, -1.0F, 2.0F, kInfinity, kNaN});
}

// Of a window {1, 3 / 3, 2} the first 3 wins: the upper right corner.
TEST_P(ReluMaxPool, SendsTheGradientToTheFirstOfEquals) {
  const torch::Tensor x = torch::tensor({1.0F, 3.0F, 3.0F, 2.0F}).view({1, 1, 2, 2});
  const Pooled result =
      pooled([](const torch::Tensor& leaf) { return relu_max_pool(leaf, GetParam()); }, x,
             torch::full({1, 1, 1, 1}, 5.0F));
  EXPECT_EQ(result.values.item<float>(), 3.0F);
  EXPECT_TRUE(same_bits(result.gradient.flatten(), torch::tensor({0.0F, 5.0F, 0.0F, 0.0F})));
}

TEST_P(ReluMaxPool, RecordsNothingWithoutGradients) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::ones({2, 3, 4, 4}).set_requires_grad(true);
  const torch::Tensor values = relu_max_pool(x, GetParam());
  EXPECT_FALSE(values.requires_grad());
  EXPECT_TRUE(same_bits(values, torch::ones({2, 3, 2, 2})));
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, ReluMaxPool, testing::ValuesIn(available_isas()),
                         [](const auto& test) { return isa_name(test.param); });

}  // namespace
}  // namespace hearsay

// Stage 1 and 2 of the hand-written LeNet-5 against torch::max_pool2d, bit for bit:
// weights and pixels are small integers, so that every order of summation is exact, and
// ties abound.

#include "node/learning/lenet5_kernels.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "node/base/rng.hpp"
#include "tests/learning/isas.hpp"

namespace hearsay {
namespace {

struct Reference {
  torch::Tensor maxima;
  torch::Tensor places;  ///< Row-major position in the input plane.
};

Reference pooled(const torch::Tensor& convolved) {
  const auto [maxima, places] = torch::max_pool2d_with_indices(torch::relu(convolved), 2, 2);
  return {maxima.contiguous(), places.contiguous()};
}

/// Which of its window's corners (0 .. 3) won, from its place in a plane `width` wide.
int corner_of(std::int64_t place, int width) {
  return static_cast<int>(place / width % 2 * 2 + place % width % 2);
}

class Lenet5Pooling : public testing::TestWithParam<std::tuple<std::string, bool>> {
 protected:
  Lenet5Pooling() : parameters_(Lenet5Sizes::kConvolutions), image_(Lenet5Sizes::kImage) {
    Rng rng(31);
    for (float& value : parameters_) value = static_cast<float>(rng.below(5)) - 2.0F;
    for (float& value : image_) value = static_cast<float>(rng.below(3));
    if (std::get<1>(GetParam())) {
      image_[28 * 3 + 4] = std::numeric_limits<float>::quiet_NaN();
      image_[28 * 20 + 27] = std::numeric_limits<float>::quiet_NaN();
      image_[28 * 27] = std::numeric_limits<float>::infinity();
    }
  }

  torch::Tensor part(int offset, std::vector<std::int64_t> shape) {
    return torch::from_blob(parameters_.data() + offset, shape);
  }

  std::vector<float> parameters_;
  std::vector<float> image_;
};

bool same(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

TEST_P(Lenet5Pooling, EqualsTorchWithTiesAndNaN) {
  const Lenet5Kernels& kernels = lenet5_kernels(std::get<0>(GetParam()));
  const auto weights = std::make_unique<Lenet5Weights>();
  const auto scratch = std::make_unique<Lenet5Scratch>();
  const auto tape = std::make_unique<Lenet5Tape>();
  std::vector<float> features(Lenet5Sizes::kFeatures);
  kernels.arrange(parameters_.data(), weights.get());
  kernels.forward(image_.data(), parameters_.data(), *weights, scratch.get(), tape.get(),
                  features.data());

  const torch::Tensor image = torch::from_blob(image_.data(), {1, 1, 28, 28});
  const Reference first = pooled(torch::conv2d(image, part(0, {6, 1, 5, 5}), part(150, {6}), 1, 2));
  int positive = 0;
  for (int c = 0; c < 6; ++c) {
    for (int y = 0; y < 14; ++y) {
      for (int x = 0; x < 14; ++x) {
        const float expected = first.maxima[0][c][y][x].item<float>();
        ASSERT_TRUE(same(tape->stage1[(y * 14 + x) * 8 + c], expected))
            << c << " " << y << " " << x;
        // Below zero all of a window is equal after relu, and no gradient passes.
        if (expected <= 0.0F) continue;
        ++positive;
        ASSERT_EQ(tape->winner1[(y * 6 + c) * 16 + x],
                  corner_of(first.places[0][c][y][x].item<std::int64_t>(), 28))
            << c << " " << y << " " << x;
      }
    }
  }
  EXPECT_GT(positive, 200);

  const Reference second =
      pooled(torch::conv2d(first.maxima, part(156, {16, 6, 5, 5}), part(2556, {16})));
  for (int c = 0; c < 16; ++c) {
    for (int p = 0; p < 25; ++p) {
      const float expected = second.maxima[0][c][p / 5][p % 5].item<float>();
      ASSERT_TRUE(same(features[static_cast<std::size_t>(c * 25 + p)], expected)) << c << " " << p;
      if (expected <= 0.0F) continue;
      ASSERT_EQ(tape->winner2[p * 16 + c],
                corner_of(second.places[0][c][p / 5][p % 5].item<std::int64_t>(), 10))
          << c << " " << p;
    }
  }
}

TEST_P(Lenet5Pooling, InferringGivesTheSameFeatures) {
  const Lenet5Kernels& kernels = lenet5_kernels(std::get<0>(GetParam()));
  const auto weights = std::make_unique<Lenet5Weights>();
  const auto scratch = std::make_unique<Lenet5Scratch>();
  const auto tape = std::make_unique<Lenet5Tape>();
  std::vector<float> recorded(Lenet5Sizes::kFeatures);
  std::vector<float> inferred(Lenet5Sizes::kFeatures);
  kernels.arrange(parameters_.data(), weights.get());
  kernels.forward(image_.data(), parameters_.data(), *weights, scratch.get(), tape.get(),
                  recorded.data());
  kernels.infer(image_.data(), parameters_.data(), *weights, scratch.get(), tape.get(),
                inferred.data());
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    EXPECT_TRUE(same(recorded[i], inferred[i])) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Lenet5Pooling,
                         testing::Combine(testing::ValuesIn(available_isas()), testing::Bool()),
                         [](const auto& test) {
                           return isa_name(std::get<0>(test.param)) +
                                  (std::get<1>(test.param) ? "_with_nan" : "_finite");
                         });

}  // namespace
}  // namespace hearsay

#include "node/learning/adam_step.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "node/learning/training_options.hpp"

namespace hearsay {
namespace {

// With epsilon next to nothing the first step is lr * sign(g), whatever the size of g: m / (1 -
// beta1) = g and v / (1 - beta2) = g^2.
TEST(AdamStep, FirstStepIsTheRateInTheGradientsDirection) {
  const AdamOptions options{.lr = 0.5, .epsilon = 1e-12};
  const std::array<float, 3> gradient = {3.0F, -1e-3F, 0.0F};
  std::array<float, 3> mean{};
  std::array<float, 3> squares{};
  std::array<float, 3> x = {1.0F, 1.0F, 1.0F};
  adam_step(options, 0, gradient, {mean, squares}, x);
  EXPECT_NEAR(x[0], 0.5F, 1e-6);
  EXPECT_NEAR(x[1], 1.5F, 1e-6);
  EXPECT_EQ(x[2], 1.0F);
  EXPECT_NEAR(mean[0], 0.3F, 1e-6);
  EXPECT_NEAR(squares[0], 0.009F, 1e-7);
}

// The formula in double precision, gradient of f(x) = x^2 / 2 + sin(3 x).
TEST(AdamStep, FollowsTheFormulaOverManySteps) {
  const AdamOptions options{.lr = 0.02,
                            .beta1 = 0.8,
                            .beta2 = 0.95,
                            .epsilon = 1e-3,
                            .schedule = InverseScheduleOptions{.gamma = 0.1, .power = 1.0}};
  double expected = 2.0;
  double m = 0.0;
  double v = 0.0;
  std::array<float, 1> x = {2.0F};
  std::array<float, 1> mean{};
  std::array<float, 1> squares{};
  for (int t = 0; t < 200; ++t) {
    const double g = expected + 3.0 * std::cos(3.0 * expected);
    m = 0.8 * m + 0.2 * g;
    v = 0.95 * v + 0.05 * g * g;
    const double corrected_m = m / (1.0 - std::pow(0.8, t + 1));
    const double corrected_v = v / (1.0 - std::pow(0.95, t + 1));
    expected -= 0.02 / (1.0 + 0.1 * t) * corrected_m / (std::sqrt(corrected_v) + 1e-3);
    const auto here = static_cast<double>(x[0]);
    const std::array<float, 1> gradient = {static_cast<float>(here + 3.0 * std::cos(3.0 * here))};
    adam_step(options, t, gradient, {mean, squares}, x);
    ASSERT_NEAR(x[0], expected, 1e-4) << t;
  }
}

}  // namespace
}  // namespace hearsay

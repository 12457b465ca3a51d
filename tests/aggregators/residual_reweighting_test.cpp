#include "aggregators/residual_reweighting.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/reference/reference_residual_reweighting.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(ResidualReweighting, MovesTheOutlierToTheLineAndForgetsItsModel) {
  // Values 0, 1, 4, 6, 100. Medians of the slopes through each: 2, 2.75, 2.5, 2.25, 40.5: B =
  // 2.5, A = 4 - 5 = -1. Residuals 1, -0.5, 0, -0.5, 91: M = (0.5 + 1) / 2, the scale
  // 1.4826 * 2.25 * 0.75 = 2.501888. e_5 = 36.3726, s_5 = sqrt(0.4), K = 2 sqrt(0.4): weight
  // 0.8 / 36.3726 = 0.0219946, the others 1; 100 becomes the line's 9. The deviations are the
  // same for all: (0 + 1 + 4 + 6 + 9 w^2) / (4 + w^2) with w^2 = 0.00048376.
  const RuleOutcome outcome =
      run_rule(*make_aggregator(ResidualReweightingOptions{}), evenly({1}, {{100}, {0}, {6}, {4}}));
  EXPECT_NEAR(outcome.result[0], 2.750756, 1e-5);
  EXPECT_NEAR(outcome.influence[0], 0.00012093, 1e-7);
  EXPECT_NEAR(outcome.influence[1], 0.24996977, 1e-7);
}

TEST(ResidualReweighting, DistrustsAModelForItsOtherEntries) {
  // The third model is far off in 20 entries and in line in the last: its 3 there counts little.
  Vector a(21, 0.0F);
  Vector b(21, 1.0F);
  Vector c(21, 2.0F);
  Vector off(21, 500.0F);
  off[20] = 3.0F;
  const auto rule = make_aggregator(ResidualReweightingOptions{});
  EXPECT_NEAR(run_rule(*rule, evenly(a, {b, off, c})).result[20], 1.0, 0.01);
}

TEST(ResidualReweighting, IsTheMeanWhereAllAreOnALine) {
  EXPECT_FLOAT_EQ(
      run_rule(*make_aggregator(ResidualReweightingOptions{}), evenly({1}, {{3}, {5}})).result[0],
      3.0F);
}

TEST(ResidualReweighting, NeedsThreeModels) {
  const auto rule = make_aggregator(ResidualReweightingOptions{});
  EXPECT_EQ(rule->infeasible(3), std::nullopt);
  EXPECT_EQ(rule->infeasible(2),
            "residual_reweighting needs at least 3 models, the own one included, and has 2");
}

TEST(ResidualReweighting, AgreesWithTheSlowVersion) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const NeighborhoodCase input = random_case(rng, 40, 300);
    if (input.heard.size() < 2) continue;
    const ResidualReweightingOptions options{.lambda = 0.5 + 2.0 * rng.uniform(),
                                             .delta = rng.uniform()};
    const Vector result = run_rule(*make_aggregator(options), input).result;
    const reference::Numbers expected =
        reference::residual_reweighting(input, options.lambda, options.delta);
    for (std::size_t i = 0; i < result.size(); ++i) ASSERT_NEAR(result[i], expected[i], 2e-5) << i;
  }
}

}  // namespace
}  // namespace hearsay

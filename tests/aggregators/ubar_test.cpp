#include "aggregators/ubar.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

/// Loss |x - 10| of one-entry models, NaN for those beyond 1000; notes what it was asked.
class DistanceToTen final : public ModelOracle {
 public:
  double loss(std::span<const float> model) override {
    asked.push_back(model[0]);
    if (model[0] > 1000.0F) return std::nan("");
    return std::abs(static_cast<double>(model[0]) - 10.0);
  }
  std::vector<ClassScore> class_scores(std::span<const float>) override { return {}; }

  std::vector<float> asked;
};

RuleOutcome ubar(const UbarOptions& options, const Vector& own, const std::vector<Vector>& heard,
                 DistanceToTen& oracle) {
  NeighborhoodCase input = evenly(own, heard);
  input.oracle = &oracle;
  return run_rule(*make_aggregator(options), input);
}

TEST(Ubar, AveragesTheNearModelsThatAreNoWorse) {
  // The nearest three of six from 4: 3, 6, 1 (distances 1, 2, 3). Losses 7, 4, 9 against 6:
  // only 6 is left; 20, nearest to the optimum of all but far, is no candidate.
  DistanceToTen oracle;
  const RuleOutcome outcome =
      ubar({.rho = 0.5, .alpha = 0.25}, {4}, {{1}, {3}, {6}, {12}, {20}, {-30}}, oracle);
  EXPECT_FLOAT_EQ(outcome.result[0], 0.25F * 4 + 0.75F * 6);
  EXPECT_EQ(outcome.influence, (std::vector<double>{0, 0, 0.75, 0, 0, 0}));
  EXPECT_EQ(oracle.asked, (std::vector<float>{4, 3, 6, 1}));
}

TEST(Ubar, CountsALossEqualToTheOwnAsGood) {
  // 16 is as far from 10 as 4: 0.5 * 4 + 0.25 (16 + 8).
  DistanceToTen oracle;
  EXPECT_FLOAT_EQ(ubar({.rho = 1.0}, {4}, {{16}, {8}}, oracle).result[0], 8.0F);
}

TEST(Ubar, TakesTheNearestWhereNoneIsGood) {
  DistanceToTen oracle;
  EXPECT_FLOAT_EQ(ubar({.rho = 1.0}, {9}, {{3}, {5}}, oracle).result[0], 7.0F);
  // floor(0.4 * 2) = 0 candidates: the nearest again, and no loss is asked for.
  DistanceToTen unasked;
  EXPECT_FLOAT_EQ(ubar({.rho = 0.4}, {9}, {{3}, {5}}, unasked).result[0], 7.0F);
  EXPECT_TRUE(unasked.asked.empty());
}

TEST(Ubar, RejectsLossesThatAreNoNumbers) {
  DistanceToTen oracle;
  EXPECT_FLOAT_EQ(ubar({.rho = 1.0}, {4}, {{2000}, {8}}, oracle).result[0], 6.0F);
}

}  // namespace
}  // namespace hearsay

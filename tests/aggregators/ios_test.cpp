#include "aggregators/ios.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(Ios, DropsTheFarthestFromTheMeanNotFromTheOwnModel) {
  // The mean of all is 2.8; -4 is farthest from it: (0 + 5 + 6 + 7) / 4. Seen from the own
  // model 0 it would have been 7: (0 - 4 + 5 + 6) / 4 = 1.75.
  const RuleOutcome outcome =
      run_rule(*make_aggregator(IosOptions{.f = 1}), evenly({0}, {{-4}, {5}, {6}, {7}}));
  EXPECT_FLOAT_EQ(outcome.result[0], 4.5F);
  EXPECT_EQ(outcome.influence[0], 0.0);
  EXPECT_DOUBLE_EQ(outcome.influence[1], 0.25);
}

TEST(Ios, NeverDropsTheOwnModel) {
  // Mean 22.2: 0 is the farthest neighbor; (100 + 1 + 4 + 6) / 4.
  EXPECT_FLOAT_EQ(
      run_rule(*make_aggregator(IosOptions{.f = 1}), evenly({100}, {{0}, {1}, {4}, {6}})).result[0],
      27.75F);
}

TEST(Ios, ComputesTheMeanAnewAfterEachCut) {
  // Mean of 0, 1, 2, 3, 10, 11, 50 = 11: drop 50; mean 4.5: drop 11; 16 / 5. Twice the farthest
  // from the first mean would have been 50 and 1 (0 is the own model): 26 / 5.
  EXPECT_FLOAT_EQ(
      run_rule(*make_aggregator(IosOptions{.f = 2}), evenly({0}, {{1}, {2}, {3}, {10}, {11}, {50}}))
          .result[0],
      3.2F);
}

TEST(Ios, WeighsByTheMixingMatrix) {
  // Own weight 0.4. Mean 0.1 * 3 + 0.2 * 6 + 0.3 * 4 = 2.7: drop 6. (0.1 * 3 + 0.3 * 4) / 0.8.
  const NeighborhoodCase input{.own = {0},
                               .heard = {{.model = {3}, .weight = 0.1},
                                         {.model = {6}, .weight = 0.2},
                                         {.model = {4}, .weight = 0.3}}};
  EXPECT_FLOAT_EQ(run_rule(*make_aggregator(IosOptions{.f = 1}), input).result[0], 1.875F);
}

TEST(Ios, NeedsMoreThanThreeTimesAsManyModelsAsAttackers) {
  const auto rule = make_aggregator(IosOptions{.f = 2});
  EXPECT_EQ(rule->infeasible(7), std::nullopt);
  EXPECT_EQ(rule->infeasible(6),
            "ios: n = 6 inputs are too few for f = 2: it needs n >= 3f + 1 = 7");
}

}  // namespace
}  // namespace hearsay

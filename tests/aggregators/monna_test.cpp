#include "aggregators/monna.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(Monna, AveragesTheNearestToTheOwnModel) {
  // Distances from 1: 1, 3, 5, 99. f = 1: (1 + 0 + 4 + 6) / 4; f = 2: (1 + 0 + 4) / 3.
  const NeighborhoodCase input = evenly({1}, {{0}, {4}, {6}, {100}});
  const RuleOutcome outcome = run_rule(*make_aggregator(MonnaOptions{.f = 1}), input);
  EXPECT_FLOAT_EQ(outcome.result[0], 2.75F);
  EXPECT_EQ(outcome.influence, (std::vector<double>{0.25, 0.25, 0.25, 0.0}));
  EXPECT_FLOAT_EQ(run_rule(*make_aggregator(MonnaOptions{.f = 2}), input).result[0], 5.0F / 3.0F);
}

TEST(Monna, LooksFromTheOwnModelEvenWhereThatIsTheOutlier) {
  // (100 + 6 + 4 + 1) / 4: a rule that looked for the majority would give about 3.
  EXPECT_FLOAT_EQ(
      run_rule(*make_aggregator(MonnaOptions{.f = 1}), evenly({100}, {{0}, {1}, {4}, {6}}))
          .result[0],
      27.75F);
}

TEST(Monna, TakesTheFirstOfEquallyNearModels) {
  // 3 and 5 are equally far from 4: (4 + 3) / 2.
  EXPECT_FLOAT_EQ(
      run_rule(*make_aggregator(MonnaOptions{.f = 1}), evenly({4}, {{3}, {5}})).result[0], 3.5F);
}

TEST(Monna, NeedsMoreThanTwiceAsManyModelsAsAttackers) {
  const auto rule = make_aggregator(MonnaOptions{.f = 2});
  EXPECT_EQ(rule->infeasible(5), std::nullopt);
  EXPECT_EQ(rule->infeasible(4),
            "monna: n = 4 inputs are too few for f = 2: it needs n >= 2f + 1 = 5");
}

}  // namespace
}  // namespace hearsay

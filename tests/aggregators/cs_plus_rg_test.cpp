#include "aggregators/cs_plus_rg.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(CsPlusRg, ClipsTwiceAsManyAsMayAttack) {
  // Distances 0 (own), 1, 3, 5, 99; with f = 1 the last two come as near as the third, 3:
  // 1 + 0.2 (-1 + 3 + 3 + 3) = 2.6.
  const NeighborhoodCase input = evenly({1}, {{0}, {4}, {6}, {100}});
  const RuleOutcome outcome = run_rule(*make_aggregator(CsPlusRgOptions{.f = 1}), input);
  EXPECT_FLOAT_EQ(outcome.result[0], 2.6F);
  EXPECT_DOUBLE_EQ(outcome.influence[2], 0.12);
  EXPECT_FLOAT_EQ(run_rule(*make_aggregator(CsPlusRgOptions{.f = 0}), input).result[0], 22.2F);
}

TEST(CsPlusRg, CountsWeightsNotModels) {
  // b = 0.3. Behind distance 1 lies 0.5, behind 2 only 0.4 < 0.6: tau = 0, nothing is heard.
  // By numbers of models tau would have been 2.
  NeighborhoodCase input{.own = {0},
                         .heard = {{.model = {1}, .weight = 0.3},
                                   {.model = {2}, .weight = 0.1},
                                   {.model = {-3}, .weight = 0.2},
                                   {.model = {50}, .weight = 0.2}}};
  EXPECT_FLOAT_EQ(run_rule(*make_aggregator(CsPlusRgOptions{.f = 1}), input).result[0], 0.0F);
  // With 0.2 for the nearest b = 0.2: behind it lies 0.5 >= 0.4, behind the next 0.4 >= 0.4:
  // tau = 2: 0.2 * 1 + 0.1 * 2 - 0.2 * 2 + 0.2 * 2 = 0.4.
  input.heard[0].weight = 0.2;
  EXPECT_FLOAT_EQ(run_rule(*make_aggregator(CsPlusRgOptions{.f = 1}), input).result[0], 0.4F);
}

TEST(CsPlusRg, NeedsANeighborBesideThoseThatMayAttackTwice) {
  const auto rule = make_aggregator(CsPlusRgOptions{.f = 2});
  EXPECT_EQ(rule->infeasible(6), std::nullopt);
  EXPECT_EQ(rule->infeasible(5),
            "cs_plus_rg: n = 5 inputs are too few for f = 2: it needs n >= 2f + 2 = 6");
}

}  // namespace
}  // namespace hearsay

#include "aggregators/cfa.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(Cfa, MovesPartOfTheWayToTheNeighborsSampleWeightedAverage) {
  // The neighbors' average is 0.25 (3, 2) + 0.75 (5, 6) = (4.5, 5), whatever the own count and
  // the mixing weights: (1, 2) + 0.2 (3.5, 3) = (1.7, 2.6).
  const NeighborhoodCase input{.own = {1, 2},
                               .heard = {{.model = {3, 2}, .weight = 0.4, .samples = 100},
                                         {.model = {5, 6}, .weight = 0.1, .samples = 300}},
                               .own_samples = 7};
  const RuleOutcome outcome = run_rule(*make_aggregator(CfaOptions{.epsilon = 0.2}), input);
  EXPECT_FLOAT_EQ(outcome.result[0], 1.7F);
  EXPECT_FLOAT_EQ(outcome.result[1], 2.6F);
  EXPECT_DOUBLE_EQ(outcome.influence[0], 0.05);
  EXPECT_DOUBLE_EQ(outcome.influence[1], 0.15);
}

TEST(Cfa, WithEpsilonOneTakesTheNeighborsAverage) {
  EXPECT_EQ(run_rule(*make_aggregator(CfaOptions{.epsilon = 1.0}), evenly({9}, {{2}, {4}})).result,
            Vector{3});
}

TEST(Cfa, KeepsTheOwnModelWhereNoNeighborHasSamples) {
  NeighborhoodCase input = evenly({9}, {{2}, {4}});
  for (Heard& heard : input.heard) heard.samples = 0;
  EXPECT_EQ(run_rule(*make_aggregator(CfaOptions{}), input).result, Vector{9});
}

}  // namespace
}  // namespace hearsay

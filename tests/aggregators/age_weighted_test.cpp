#include "aggregators/age_weighted.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(AgeWeighted, MergesOneModelAsGossipLearningDoes) {
  // Ages 2 and 6: 2/8 * 1 + 6/8 * 4 = 3.25.
  const NeighborhoodCase input{.own = {1}, .heard = {{.model = {4}, .round = 6}}, .round = 2};
  const RuleOutcome outcome = run_rule(*make_aggregator(AgeWeightedOptions{}), input);
  EXPECT_EQ(outcome.result, Vector{3.25F});
  EXPECT_EQ(outcome.influence, std::vector<double>{0.75});
}

TEST(AgeWeighted, WeighsSeveralModelsByTheirAgesAtOnce) {
  // (1 * 10 + 2 * 20 + 5 * 0) / 8 = 6.25; merging one by one would give another number:
  // (10 + 40) / 3 with age max(1, 2), then 2/7 of it = 4.76.
  const NeighborhoodCase input{
      .own = {10}, .heard = {{.model = {20}, .round = 2}, {.model = {0}, .round = 5}}, .round = 1};
  EXPECT_EQ(run_rule(*make_aggregator(AgeWeightedOptions{}), input).result, Vector{6.25F});
}

TEST(AgeWeighted, IsThePlainMeanBeforeTheFirstRound) {
  EXPECT_FLOAT_EQ(
      run_rule(*make_aggregator(AgeWeightedOptions{}), evenly({1}, {{2}, {6}})).result[0], 3.0F);
}

TEST(AgeWeighted, OwnModelWithoutAgeGivesWay) {
  const NeighborhoodCase input{.own = {1}, .heard = {{.model = {4}, .round = 3}}, .round = 0};
  EXPECT_EQ(run_rule(*make_aggregator(AgeWeightedOptions{}), input).result, Vector{4});
}

}  // namespace
}  // namespace hearsay

#include "aggregators/decdiff.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

// Own model (1, 2), neighbors (3, 2) with 100 and (5, 6) with 300 samples: the neighbors'
// average is (4.5, 5), the difference (3.5, 3) of length sqrt(21.25) = 4.609772.
NeighborhoodCase two_neighbors() {
  return {.own = {1, 2},
          .heard = {{.model = {3, 2}, .weight = 0.25, .samples = 100},
                    {.model = {5, 6}, .weight = 0.25, .samples = 300}},
          .own_samples = 10'000};
}

TEST(Decdiff, MovesByTheDifferenceOverItsLengthPlusS) {
  const RuleOutcome outcome = run_rule(*make_aggregator(DecdiffOptions{}), two_neighbors());
  // (1, 2) + (3.5, 3) / 5.609772
  EXPECT_NEAR(outcome.result[0], 1.623911, 1e-6);
  EXPECT_NEAR(outcome.result[1], 2.534781, 1e-6);
  // Shares 1/4 and 3/4 of a step 1 / 5.609772 = 0.178260.
  EXPECT_NEAR(outcome.influence[0], 0.044565, 1e-6);
  EXPECT_NEAR(outcome.influence[1], 0.133695, 1e-6);
}

TEST(Decdiff, CanMeasureEachTensorAlone) {
  ParameterLayout layout;
  layout.add("a", {1}, TensorKind::kWeight);
  layout.add("b", {1}, TensorKind::kBias);
  NeighborhoodCase input = two_neighbors();
  input.layout = &layout;
  const RuleOutcome outcome =
      run_rule(*make_aggregator(DecdiffOptions{.norm = DecdiffOptions::Norm::kTensor}), input);
  // 1 + 3.5 / (3.5 + 1) and 2 + 3 / (3 + 1); influence 1/4 and 3/4 of the mean of 1/4.5 and 1/4.
  EXPECT_NEAR(outcome.result[0], 1.777778, 1e-6);
  EXPECT_NEAR(outcome.result[1], 2.75, 1e-6);
  EXPECT_NEAR(outcome.influence[0], 0.25 * 0.236111, 1e-6);
}

TEST(Decdiff, StepStaysShortOfTheNeighborsHoweverFarTheyAre) {
  for (const float far : {1e-3F, 1.0F, 1e3F, 1e6F}) {
    const Vector result =
        run_rule(*make_aggregator(DecdiffOptions{.s = 2.0}), evenly({0}, {{far}})).result;
    EXPECT_NEAR(result[0], far / (far + 2.0F), 1e-6) << far;
  }
}

TEST(Decdiff, KeepsTheOwnModelWhereNoNeighborHasSamples) {
  NeighborhoodCase input = two_neighbors();
  for (Heard& heard : input.heard) heard.samples = 0;
  EXPECT_EQ(run_rule(*make_aggregator(DecdiffOptions{}), input).result, input.own);
}

}  // namespace
}  // namespace hearsay

#include "aggregators/clipped_gossip.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

// Differences -1, 3, 5, 99 with weight 0.2 each; the plain average is 22.2.
NeighborhoodCase one_far() { return evenly({1}, {{0}, {4}, {6}, {100}}); }

RuleOutcome clip(const ClippedGossipOptions::Radius& radius,
                 const NeighborhoodCase& input = one_far()) {
  return run_rule(*make_aggregator(ClippedGossipOptions{.radius = radius}), input);
}

TEST(ClippedGossip, ShortensLongDifferencesToAFixedRadius) {
  // 1 + 0.2 (-1 + 3 + 3 + 3) = 2.6.
  const RuleOutcome outcome = clip(FixedRadius{.tau = 3.0});
  EXPECT_FLOAT_EQ(outcome.result[0], 2.6F);
  EXPECT_DOUBLE_EQ(outcome.influence[1], 0.2);
  EXPECT_DOUBLE_EQ(outcome.influence[2], 0.12);
  EXPECT_DOUBLE_EQ(outcome.influence[3], 0.2 * 3.0 / 99.0);
}

TEST(ClippedGossip, ClipsWholeVectorsNotEntries) {
  // (3, 4) of length 5 becomes (1.5, 2): half of that is added.
  const Vector result = clip(FixedRadius{.tau = 2.5}, evenly({0, 0}, {{3, 4}})).result;
  EXPECT_FLOAT_EQ(result[0], 0.75F);
  EXPECT_FLOAT_EQ(result[1], 1.0F);
}

TEST(ClippedGossip, CanTakeTheSecondLargestDistance) {
  // 1 + 0.2 (-1 + 3 + 5 + 5) = 3.4; of a single neighbor its own distance: (1 + 100) / 2.
  EXPECT_FLOAT_EQ(clip(SecondLargestRadius{}).result[0], 3.4F);
  EXPECT_FLOAT_EQ(clip(SecondLargestRadius{}, evenly({1}, {{100}})).result[0], 50.5F);
}

TEST(ClippedGossip, CanAdaptToTheNearestNeighbors) {
  // delta = 0.2; 0, 4 and 6 make 0.8 with the own weight: tau^2 = 0.2 (1 + 9 + 25) / 0.2 = 35:
  // 1 + 0.2 (7 + sqrt(35)) = 3.5832160.
  EXPECT_NEAR(clip(AdaptiveRadius{.f = 1}).result[0], 3.5832160, 1e-6);
  // delta = 0.4; 0 and 4 make 0.6: tau^2 = 0.2 (1 + 9) / 0.4 = 5: 1 + 0.2 (-1 + 3 sqrt(5)).
  EXPECT_NEAR(clip(AdaptiveRadius{.f = 2}).result[0], 2.1416408, 1e-6);
  EXPECT_FLOAT_EQ(clip(AdaptiveRadius{.f = 0}).result[0], 22.2F);
}

TEST(ClippedGossip, OracleRadiusComparesHonestDistancesWithAttackingWeight) {
  // Senders 3 (6) and 4 (100) attack: tau^2 = 0.2 (1 + 9) / 0.4 = 5, as above.
  NeighborhoodCase input = one_far();
  input.attackers = {3, 4};
  EXPECT_NEAR(clip(OracleRadius{}, input).result[0], 2.1416408, 1e-6);
  // Sender 2 (4) alone: tau^2 = 1 + 25 + 9801 exceeds all differences.
  input.attackers = {2};
  EXPECT_FLOAT_EQ(clip(OracleRadius{}, input).result[0], 22.2F);
  // Attackers elsewhere: plain gossip.
  input.attackers = {17};
  EXPECT_FLOAT_EQ(clip(OracleRadius{}, input).result[0], 22.2F);
}

TEST(ClippedGossip, AdaptiveRadiusNeedsAnHonestMajority) {
  const auto rule = make_aggregator(ClippedGossipOptions{.radius = AdaptiveRadius{.f = 3}});
  EXPECT_EQ(rule->infeasible(7), std::nullopt);
  EXPECT_EQ(rule->infeasible(6),
            "clipped_gossip: n = 6 inputs are too few for f = 3: it needs n >= 2f + 1 = 7");
  EXPECT_EQ(make_aggregator(ClippedGossipOptions{})->infeasible(2), std::nullopt);
}

}  // namespace
}  // namespace hearsay

#include "aggregators/lfighter.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "node/base/error.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

/// A frozen number, then rows of two weights for three classes, then a bias each.
ParameterLayout three_classes() {
  ParameterLayout layout;
  layout.add("body", {1}, TensorKind::kWeight);
  layout.add("out", {3, 2}, TensorKind::kWeight);
  layout.add("out.bias", {3}, TensorKind::kBias);
  return layout;
}

RuleOutcome lfighter(const Vector& own, const std::vector<Vector>& heard) {
  const ParameterLayout layout = three_classes();
  NeighborhoodCase input = evenly(own, heard);
  input.layout = &layout;
  return run_rule(*make_aggregator(LfighterOptions{}), input);
}

// Honest updates point to all sides in classes 0 and 1; what flips labels pushes one way.
const Vector kUp{6, 1, 0, 0, 1, 0, 0.1F, 0, 0, 0};
const Vector kDown{3, -1, 0, 0, -1, 0.1F, 0, 0, 0, 0};
const Vector kAcross{0, 0, 1, 1, 0, 0, 0, 0, 0, 0};
const Vector kFlipped{9, -5, -5, 5, 5, 0, 0, -1, 1, 0};

TEST(Lfighter, DropsTheDenserCluster) {
  // Cosines: up and down -1, others 0: sparsity 3/5 (1 + 2/3) = 1; of the flipped ones 2/5.
  const RuleOutcome outcome = lfighter(kUp, {kDown, kFlipped, kAcross, kFlipped});
  EXPECT_FLOAT_EQ(outcome.result[0], 3.0F);
  EXPECT_NEAR(outcome.result[1], 0.0, 1e-6);
  EXPECT_FLOAT_EQ(outcome.result[2], 1.0F / 3.0F);
  EXPECT_EQ(outcome.influence, (std::vector<double>{1.0 / 3.0, 0.0, 1.0 / 3.0, 0.0}));
}

TEST(Lfighter, DropsADenseMajorityToo) {
  // 2/5 (1 + 1) = 0.8 against 3/5.
  const RuleOutcome outcome = lfighter(kUp, {kFlipped, kDown, kFlipped, kFlipped});
  EXPECT_EQ(outcome.influence, (std::vector<double>{0.0, 0.5, 0.0, 0.0}));
}

TEST(Lfighter, LooksAtTheTwoMostChangedClassesOnly) {
  // In class 2, which changes least, one honest peer is far from all others; it is kept.
  Vector apart = kDown;
  apart[5] = 2.0F;
  const RuleOutcome outcome = lfighter(kUp, {apart, kFlipped, kAcross, kFlipped});
  EXPECT_EQ(outcome.influence, (std::vector<double>{1.0 / 3.0, 0.0, 1.0 / 3.0, 0.0}));
}

TEST(Lfighter, CountsBiasesWhenItLooksForChangedClasses) {
  // Classes 0 and 1 change by 6 and 9 in weights, class 2 by 1.4 in weights and 12 in biases:
  // classes 1 and 2 are looked at. There the first two are alike, and denser than the rest; by
  // classes 0 and 1 the clusters would be {1, 3} and {own, 2}.
  const Vector own{0, 2, 0, 3, 0, 0.5F, 0, 0, 0, 3};
  const Vector one{1, -2, 0, 3, 0, 0.5F, 0, 0, 0, 3};
  const Vector two{2, 1, 0, -1.5F, 0, 0.2F, 0, 0, 0, 3};
  const Vector three{3, -1, 0, 0, 1.5F, -0.2F, 0, 0, 0, 3};
  const RuleOutcome outcome = lfighter(own, {one, two, three});
  EXPECT_EQ(outcome.influence, (std::vector<double>{0.0, 0.5, 0.5}));
}

TEST(Lfighter, KeepsAllWhereAllAgree) {
  const double third = 1.0 / 3.0;
  EXPECT_EQ(lfighter(kUp, {kUp, kUp}).influence, (std::vector<double>{third, third}));
}

TEST(Lfighter, NeedsAnOutputLayer) {
  NeighborhoodCase input = evenly({1, 2}, {{3, 4}});
  EXPECT_THROW(run_rule(*make_aggregator(LfighterOptions{}), input), UserError);
}

}  // namespace
}  // namespace hearsay

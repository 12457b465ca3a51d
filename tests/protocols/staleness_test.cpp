#include "node/protocols/staleness.hpp"

#include <gtest/gtest.h>

namespace hearsay {
namespace {

class Staleness : public testing::TestWithParam<StalenessOptions> {};

TEST_P(Staleness, IsOneWhenFreshAndNeverGrows) {
  EXPECT_EQ(staleness_weight(GetParam(), 0), 1.0);
  for (int tau = 1; tau < 50; ++tau) {
    EXPECT_LE(staleness_weight(GetParam(), tau), staleness_weight(GetParam(), tau - 1));
    EXPECT_GT(staleness_weight(GetParam(), tau), 0.0);
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, Staleness,
                         testing::Values(PolynomialStalenessOptions{}, ConstantStalenessOptions{},
                                         HingeStalenessOptions{}));

TEST(StalenessValues, AreTheFormulas) {
  EXPECT_DOUBLE_EQ(staleness_weight(PolynomialStalenessOptions{.a = 0.5}, 3), 0.5);
  EXPECT_DOUBLE_EQ(staleness_weight(PolynomialStalenessOptions{.a = 2}, 3), 1.0 / 16);
  EXPECT_EQ(staleness_weight(ConstantStalenessOptions{}, 99), 1.0);
  const HingeStalenessOptions hinge{.a = 10, .b = 4};
  EXPECT_EQ(staleness_weight(hinge, 4), 1.0);
  EXPECT_DOUBLE_EQ(staleness_weight(hinge, 5), 1.0 / 11);
  EXPECT_DOUBLE_EQ(staleness_weight(hinge, 6), 1.0 / 21);
}

// Of the authors' figure: alpha / n s(tau) with alpha 0.9, five clients, staleness 4, 3, 2.
TEST(StalenessValues, GiveTheWeightsOfFedcompassFigure) {
  const auto weight = [](int tau) {
    return 0.9 / 5 * staleness_weight(PolynomialStalenessOptions{}, tau);
  };
  EXPECT_NEAR(weight(4), 0.0805, 5e-5);
  EXPECT_NEAR(weight(3), 0.0900, 5e-5);
  EXPECT_NEAR(weight(2), 0.1039, 5e-5);
}

}  // namespace
}  // namespace hearsay

#include "results/inference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace hearsay {
namespace {

using Values = std::vector<double>;

// Closed forms of P(|T| >= t) for few degrees of freedom.
double one_degree(double t) { return 1.0 - 2.0 / std::numbers::pi * std::atan(t); }
double two_degrees(double t) { return 1.0 - t / std::sqrt(2.0 + t * t); }
double four_degrees(double t) { return 1.0 - t * (6.0 + t * t) / std::pow(4.0 + t * t, 1.5); }

TEST(StudentT, HasTheClosedFormsOfFewDegrees) {
  for (const double t : {0.0, 0.01, 0.5, 1.0, 2.0, 4.5, 20.0}) {
    EXPECT_NEAR(t_two_sided_p(t, 1), one_degree(t), 1e-13) << t;
    EXPECT_NEAR(t_two_sided_p(t, 2), two_degrees(t), 1e-13) << t;
    EXPECT_NEAR(t_two_sided_p(t, 4), four_degrees(t), 1e-13) << t;
    EXPECT_EQ(t_two_sided_p(-t, 4), t_two_sided_p(t, 4)) << t;
  }
}

TEST(StudentT, IsNormalWithManyDegrees) {
  // P(|Z| >= 1.96) = erfc(1.96 / sqrt 2).
  EXPECT_NEAR(t_two_sided_p(1.96, 1e7), std::erfc(1.96 / std::numbers::sqrt2), 1e-7);
}

TEST(StudentT, QuantilesAreThoseOfTables) {
  EXPECT_NEAR(t_quantile(0.95, 1), 12.7062, 5e-5);
  EXPECT_NEAR(t_quantile(0.95, 4), 2.77645, 5e-6);
  EXPECT_NEAR(t_quantile(0.95, 9), 2.26216, 5e-6);
  EXPECT_NEAR(t_quantile(0.99, 9), 3.24984, 5e-6);
  EXPECT_NEAR(t_quantile(0.95, 29), 2.04523, 5e-6);
}

TEST(StudentT, QuantilesInvertP) {
  for (const double degrees : {1.0, 3.0, 12.0, 500.0}) {
    EXPECT_NEAR(t_two_sided_p(t_quantile(0.9, degrees), degrees), 0.1, 1e-12) << degrees;
  }
}

TEST(StudentT, OfTheExtremes) {
  EXPECT_EQ(t_two_sided_p(std::numeric_limits<double>::infinity(), 3), 0.0);
  EXPECT_TRUE(std::isnan(t_two_sided_p(kMissing, 3)));
}

TEST(MeanInterval, OfFiveNumbers) {
  // Squares about the mean 3: 4 + 1 + 0 + 1 + 4 = 10, s = sqrt(10 / 4), s / sqrt 5 = sqrt(1/2).
  const MeanInterval interval = mean_interval(Values{5, 1, 4, 2, 3});
  EXPECT_EQ(interval.n, 5U);
  EXPECT_DOUBLE_EQ(interval.mean, 3.0);
  EXPECT_NEAR(interval.half_width, 2.776445 * std::sqrt(0.5), 1e-6);
}

TEST(MeanInterval, NeedsTwoValues) {
  EXPECT_EQ(mean_interval(Values{7}).mean, 7.0);
  EXPECT_TRUE(std::isnan(mean_interval(Values{7}).half_width));
  EXPECT_TRUE(std::isnan(mean_interval(Values{}).mean));
  EXPECT_TRUE(std::isnan(mean_interval(Values{1, kMissing}).mean));
}

TEST(TestDifference, IsThePairedTTest) {
  // Differences 1, 1, 0, 2, 3: mean 1.4, squares about it 5.2, s^2 = 1.3,
  // t = 1.4 / sqrt(1.3 / 5), 4 degrees of freedom.
  const DifferenceTest test = test_difference(Values{5, 7, 6, 9, 8}, Values{4, 6, 6, 7, 5});
  const double error = std::sqrt(1.3 / 5);
  EXPECT_NEAR(test.difference.mean, 1.4, 1e-12);
  EXPECT_NEAR(test.difference.half_width, 2.776445 * error, 1e-6);
  EXPECT_NEAR(test.p, four_degrees(1.4 / error), 1e-12);
  EXPECT_TRUE(test.may_be_zero());
}

TEST(TestDifference, PairsWhatVariesTogether) {
  // Unpaired, the values overlap by far; every difference is 1 or 1.1.
  const DifferenceTest test = test_difference(Values{1, 11.1, 21, 31.1}, Values{0, 10, 20, 30});
  EXPECT_FALSE(test.may_be_zero());
  EXPECT_LT(test.p, 0.001);
}

TEST(TestDifference, OfDifferencesThatAreAllTheSame) {
  EXPECT_EQ(test_difference(Values{2, 3}, Values{1, 2}).p, 0.0);
  EXPECT_FALSE(test_difference(Values{2, 3}, Values{1, 2}).may_be_zero());
  EXPECT_EQ(test_difference(Values{1, 2}, Values{1, 2}).p, 1.0);
  EXPECT_TRUE(test_difference(Values{1, 2}, Values{1, 2}).may_be_zero());
}

TEST(TestDifference, OfOnePairTellsNothing) {
  const DifferenceTest test = test_difference(Values{2}, Values{1});
  EXPECT_EQ(test.difference.mean, 1.0);
  EXPECT_TRUE(std::isnan(test.p));
  EXPECT_TRUE(test.may_be_zero());
}

TEST(Holm, CorrectsTheSmallestMost) {
  // Sorted 0.005 * 4, 0.01 * 3, 0.03 * 2, then 0.04 * 1 is raised to the one before.
  const Values corrected = holm(Values{0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(corrected[0], 0.03);
  EXPECT_DOUBLE_EQ(corrected[1], 0.06);
  EXPECT_DOUBLE_EQ(corrected[2], 0.06);
  EXPECT_DOUBLE_EQ(corrected[3], 0.02);
}

TEST(Holm, LeavesMissingValuesOutAndStaysBelowOne) {
  const Values corrected = holm(Values{0.9, kMissing, 0.7});
  EXPECT_EQ(corrected[0], 1.0);
  EXPECT_TRUE(std::isnan(corrected[1]));
  EXPECT_EQ(corrected[2], 1.0);
  EXPECT_EQ(holm(Values{kMissing, 0.02})[1], 0.02);
}

}  // namespace
}  // namespace hearsay

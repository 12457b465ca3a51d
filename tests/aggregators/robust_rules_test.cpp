// Robust rules on {0, 1, 4, 6, 100} and other inputs worked out by hand.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "aggregators/aggregators.hpp"
#include "node/base/archive.hpp"
#include "node/base/rng.hpp"
#include "tests/aggregators/combine.hpp"

namespace hearsay {
namespace {

float of_five(const AggregationRule& options, std::size_t own = 0) {
  const auto rule = std::visit([](const auto& chosen) { return make_aggregator(chosen); }, options);
  return combine(*rule, five_numbers(), own)[0];
}

TEST(RobustRules, CoordinateRulesOfFiveNumbers) {
  EXPECT_FLOAT_EQ(of_five(TrimmedMeanOptions{.f = 0}), 22.2F);
  EXPECT_FLOAT_EQ(of_five(MedianOptions{}), 4.0F);
  EXPECT_FLOAT_EQ(of_five(TrimmedMeanOptions{.f = 1}), 11.0F / 3);  // (1 + 4 + 6) / 3
  // From 4: distances 4, 3, 0, 2, 96.
  EXPECT_FLOAT_EQ(of_five(MeamedOptions{.f = 1}), 2.75F);      // (0 + 1 + 4 + 6) / 4
  EXPECT_FLOAT_EQ(of_five(MeamedOptions{.f = 2}), 11.0F / 3);  // (1 + 4 + 6) / 3
  // From 11/3: distances 3.67, 2.67, 0.33, 2.33, 96.33.
  EXPECT_FLOAT_EQ(of_five(PhocasOptions{.f = 1}), 2.75F);
}

TEST(RobustRules, MedianOfAnEvenNumberIsTheMiddle) {
  EXPECT_EQ(combine(*make_aggregator(MedianOptions{}), {{0}, {1}, {4}, {100}}), Vector{2.5F});
}

TEST(RobustRules, KrumDependsOnTheConvention) {
  // paper, 2 squares: 0 has 1 + 16, 1 has 1 + 9, 4 has 4 + 9, 6 has 4 + 25.
  EXPECT_EQ(of_five(KrumOptions{.f = 1}), 1.0F);
  // byzfl, 3 squares: 0 has 53, 1 has 1 + 9 + 25 = 35, 4 has 4 + 9 + 16 = 29, 6 has 65.
  EXPECT_EQ(of_five(KrumOptions{.f = 1, .convention = KrumConvention::kByzfl}), 4.0F);
  // lpd, 3 distances: 0 has 11, 1 and 4 have 9, 6 has 13. The lower peer id wins.
  EXPECT_EQ(of_five(KrumOptions{.f = 1, .convention = KrumConvention::kLpd}), 1.0F);
}

TEST(RobustRules, MultiKrumAveragesTheBest) {
  EXPECT_FLOAT_EQ(of_five(MultiKrumOptions{.f = 1}), 2.75F);          // all but 100
  EXPECT_FLOAT_EQ(of_five(MultiKrumOptions{.f = 1, .m = 2}), 2.5F);   // 1 and 4
  EXPECT_FLOAT_EQ(of_five(MultiKrumOptions{.f = 1, .m = 9}), 22.2F);  // all there are
}

TEST(RobustRules, BulyanSelectsThenStaysNearTheMedian) {
  // 7 inputs, f = 1, theta = 5. Krum scores over 4 of {0, 1, 2, 3, 4, 5, 90}: 30, 15, 10, 10,
  // 15, 30, ...: 2 goes first. Over 3 of {0, 1, 3, 4, 5, 90}: 26, 14, 9, 11, 21: 3. Over 2 of
  // {0, 1, 4, 5, 90}: 17, 10, 10, 17: 1. Over 1 of {0, 4, 5, 90}: 16, 1, 1: 4. Over 1 of
  // {0, 5, 90}: 25, 25: 0. Median of {0, 1, 2, 3, 4} is 2, nearest 3 values 1, 2, 3.
  const Vector result =
      combine(*make_aggregator(BulyanOptions{.f = 1}), {{0}, {1}, {2}, {3}, {4}, {5}, {90}});
  EXPECT_FLOAT_EQ(result[0], 2.0F);
}

TEST(RobustRules, GeometricMedianIsTheMedianOnALine) {
  EXPECT_NEAR(of_five(GeometricMedianOptions{.iterations = 200, .start = StartPoint::kMean}), 4.0,
              1e-3);
  // One step from 0 with nu = 2: beta = 1/2, 1/2, 1/4, 1/6, 1/100, sum 1.426667; the weighted
  // sum is 0.5 + 1 + 1 + 1 = 3.5.
  EXPECT_NEAR(
      of_five(GeometricMedianOptions{.nu = 2.0, .iterations = 1, .start = StartPoint::kZero}),
      3.5 / 1.4266667, 1e-5);
}

TEST(RobustRules, CenteredClippingMovesByClippedDifferences) {
  // tau = 3 from own 0: (0 + 1 + 3 + 3 + 3) / 5. From own 6: 6 + (-3 - 3 - 2 + 0 + 3) / 5.
  EXPECT_FLOAT_EQ(of_five(CenteredClippingOptions{.tau = 3.0}), 2.0F);
  EXPECT_FLOAT_EQ(of_five(CenteredClippingOptions{.tau = 3.0}, 3), 5.0F);
  // From the median 4: 4 + (-3 - 3 + 0 + 2 + 3) / 5.
  EXPECT_FLOAT_EQ(of_five(CenteredClippingOptions{.tau = 3.0, .start = StartPoint::kMedian}), 3.8F);
  // From the mean 22.2: 22.2 + (-12 + 3) / 5.
  EXPECT_FLOAT_EQ(of_five(CenteredClippingOptions{.tau = 3.0, .start = StartPoint::kMean}), 20.4F);
}

TEST(RobustRules, SubsetRulesTakeTheTightest) {
  EXPECT_FLOAT_EQ(of_five(MdaOptions{.f = 1}), 2.75F);
  EXPECT_FLOAT_EQ(of_five(MdaOptions{.f = 2}), 5.0F / 3);  // {0, 1, 4} spans 4, {1, 4, 6} 5
  EXPECT_FLOAT_EQ(of_five(SmeaOptions{.f = 1}), 2.75F);
  EXPECT_FLOAT_EQ(of_five(SmeaOptions{.f = 2}), 5.0F / 3);  // variances 2.89 and 4.22
}

TEST(RobustRules, FiltersRemoveTheFarthest) {
  EXPECT_FLOAT_EQ(of_five(CgeOptions{.f = 1}), 2.75F);
  EXPECT_FLOAT_EQ(of_five(CgeOptions{.f = 2}), 5.0F / 3);
  EXPECT_FLOAT_EQ(of_five(FabaOptions{.f = 1}), 2.75F);
  EXPECT_FLOAT_EQ(of_five(FabaOptions{.f = 2}), 5.0F / 3);    // 6 is farthest from 2.75
  EXPECT_FLOAT_EQ(of_five(AkselOptions{.f = 1}), 11.0F / 3);  // the nearest 3 to 4
  EXPECT_FLOAT_EQ(of_five(AkselOptions{.f = 1, .keep = AkselOptions::Keep::kAllButF}), 2.75F);
  EXPECT_FLOAT_EQ(of_five(DncOptions{.f = 1}), 2.75F);
  EXPECT_FLOAT_EQ(of_five(DncOptions{.f = 1, .filter = 2.0}), 11.0F / 3);  // 100 and 0 are out
}

TEST(RobustRules, CafDiscountsOutliersAlongTheWidestDirection) {
  // On a line v = 1. n = 3, f = 1 on {0, 0, 3}: mu = 1, variance 2, tau = 1, 1, 4, so that
  // c = 3/4, 3/4, 0: sum 1.5 > 1, mu = 0, variance 0. That is the least.
  EXPECT_NEAR(combine(*make_aggregator(CafOptions{.f = 1}), {{0}, {0}, {3}})[0], 0.0, 1e-6);
}

TEST(RobustRules, DncDrawsCoordinatesPerRound) {
  // The outlier shows in one coordinate of many, which few subsets of two contain.
  std::vector<Vector> rows(7, Vector(40, 1.0F));
  Rng rng(3);
  for (Vector& row : rows) {
    for (float& value : row) value += static_cast<float>(rng.normal());
  }
  rows[6][20] = 1000.0F;
  const auto all = make_aggregator(DncOptions{.f = 1});
  EXPECT_LT(combine(*all, rows)[20], 10.0F);
  const auto two = make_aggregator(DncOptions{.f = 1, .coordinates = 2});
  EXPECT_GT(combine(*two, rows)[20], 100.0F);
  const auto often = make_aggregator(DncOptions{.f = 1, .iterations = 60, .coordinates = 2});
  EXPECT_LT(combine(*often, rows)[20], 10.0F);
}

TEST(RobustRules, FltrustScalesToTheOwnNormAndWeighsByCosine) {
  // Own (3, 4). (-1, 0) has a negative cosine. (0, 2) has cosine 0.8 and counts as (0, 5):
  // ((3, 4) + 0.8 (0, 5)) / 1.8.
  const Vector result = combine(*make_aggregator(FltrustOptions{}), {{3, 4}, {-1, 0}, {0, 2}});
  EXPECT_FLOAT_EQ(result[0], 3.0F / 1.8F);
  EXPECT_FLOAT_EQ(result[1], 8.0F / 1.8F);
}

TEST(RobustRules, SignGuardTestsNormsAndSigns) {
  // Norms 0, 1, 4, 6, 100, median 4: 0 and 100 are unusual. Signs: 0 is alone. Then
  // (1 + 4 + 6 * 4/6) / 3.
  EXPECT_FLOAT_EQ(of_five(SignGuardOptions{}), 3.0F);
  // Own -3 is in the smaller cluster: (2 + 3 + 4 * 3/4) / 3, with median norm 3.
  const Vector result = combine(*make_aggregator(SignGuardOptions{}), {{-3}, {2}, {3}, {4}});
  EXPECT_FLOAT_EQ(result[0], 8.0F / 3);
  // Two against two: the own cluster counts. Median norm 3: (-3 - 3) / 2.
  EXPECT_FLOAT_EQ(combine(*make_aggregator(SignGuardOptions{}), {{-3}, {-3}, {3}, {4}})[0], -3.0F);
}

TEST(RobustRules, ClippedClusteringRemembersNorms) {
  const auto rule = make_aggregator(ClippedClusteringOptions{});
  const auto state = rule->make_state();
  // Two directions; the median norm is 3, so nothing of the larger cluster is clipped.
  EXPECT_FLOAT_EQ(combine_with_report(*rule, {{1}, {2}, {3}, {-4}, {-5}}, 0, state.get()).result[0],
                  2.0F);
  // All norms so far: 1, 2, 3, 4, 5, 10, 20, 30, 40, 50. Their median is 7.5.
  EXPECT_FLOAT_EQ(
      combine_with_report(*rule, {{10}, {20}, {30}, {-40}, {-50}}, 0, state.get()).result[0], 7.5F);
  // With a state of its own, the median norm 30 is all that counts.
  EXPECT_FLOAT_EQ(combine(*rule, {{10}, {20}, {30}, {-40}, {-50}})[0], 20.0F);
}

TEST(RobustRules, ClippedClusteringPersistsItsNorms) {
  const auto rule = make_aggregator(ClippedClusteringOptions{});
  const auto state = rule->make_state();
  combine_with_report(*rule, {{1}, {2}, {3}, {-4}, {-5}}, 0, state.get());
  SavingArchive saving;
  state->persist(saving);
  const Snapshot snapshot = saving.take();
  LoadingArchive loading(snapshot);
  const auto restored = rule->make_state();
  restored->persist(loading);
  loading.finish();
  EXPECT_FLOAT_EQ(
      combine_with_report(*rule, {{10}, {20}, {30}, {-40}, {-50}}, 0, restored.get()).result[0],
      7.5F);
}

TEST(RobustRules, ClippedClusteringLinks) {
  // Single linkage chains all directions but the last, 20 degrees off. Average linkage merges
  // neighbors in pairs, then the first two pairs (1 - cos is 0.069 on average), then the third
  // pair and the last (0.099; from the first four to the third pair it is 0.160).
  std::vector<Vector> rows;
  for (const double degrees : {0.0, 10.0, 20.1, 30.3, 40.6, 51.0, 71.0}) {
    const double angle = degrees * std::acos(-1.0) / 180.0;
    rows.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
  }
  using Linkage = ClippedClusteringOptions::Linkage;
  const auto shares = [&](Linkage linkage) {
    const auto rule = make_aggregator(ClippedClusteringOptions{.linkage = linkage});
    return combine_with_report(*rule, rows).influence;
  };
  const std::vector<double> single = shares(Linkage::kSingle);
  EXPECT_NEAR(single[4], 1.0 / 6.0, 1e-6);  // 51 degrees
  EXPECT_EQ(single[5], 0.0);                // 71 degrees
  const std::vector<double> average = shares(Linkage::kAverage);
  EXPECT_NEAR(average[2], 0.25, 1e-6);  // 30.3 degrees
  EXPECT_EQ(average[3], 0.0);           // 40.6 degrees
}

TEST(RobustRules, SayWhereTheyCannotWork) {
  const auto why = [](const AggregationRule& options, int inputs) {
    return std::visit([](const auto& chosen) { return make_aggregator(chosen); }, options)
        ->infeasible(inputs)
        .value_or("");
  };
  EXPECT_EQ(why(TrimmedMeanOptions{.f = 2}, 4),
            "trimmed_mean: n = 4 inputs are too few for f = 2: it needs n >= 2f + 1 = 5");
  EXPECT_EQ(why(TrimmedMeanOptions{.f = 2}, 5), "");
  EXPECT_EQ(why(KrumOptions{.f = 2}, 6),
            "krum: n = 6 inputs are too few for f = 2: it needs n >= 2f + 3 = 7");
  EXPECT_EQ(why(KrumOptions{.f = 2, .convention = KrumConvention::kByzfl}, 5), "");
  EXPECT_EQ(why(BulyanOptions{.f = 2}, 10),
            "bulyan: n = 10 inputs are too few for f = 2: it needs n >= 4f + 3 = 11");
  EXPECT_EQ(why(MdaOptions{.f = 8}, 32),
            "mda: n = 32 inputs have more subsets of n - f = 24 than max_subsets = 1000000");
  EXPECT_EQ(why(MdaOptions{.f = 3, .max_subsets = 560}, 16), "");
  EXPECT_EQ(why(MdaOptions{.f = 3, .max_subsets = 559}, 16),
            "mda: n = 16 inputs have more subsets of n - f = 13 than max_subsets = 559");
  EXPECT_EQ(why(SmeaOptions{.f = 1}, 2),
            "smea: n = 2 inputs are too few for f = 1: it needs n >= 2f + 1 = 3");
  EXPECT_EQ(why(DncOptions{.f = 2, .filter = 3.0}, 6),
            "dnc: n = 6 inputs, but c f = 6 of them are removed: it needs n > c f");
  EXPECT_EQ(why(MedianOptions{}, 1), "");
}

TEST(RobustRules, ReportTheShareOfEveryInput) {
  const auto influence = [](const AggregationRule& options) {
    const auto rule =
        std::visit([](const auto& chosen) { return make_aggregator(chosen); }, options);
    return combine_with_report(*rule, five_numbers()).influence;
  };
  using Shares = std::vector<double>;
  EXPECT_EQ(influence(MedianOptions{}), (Shares{0, 1, 0, 0}));
  EXPECT_EQ(influence(TrimmedMeanOptions{.f = 1}), (Shares{1.0 / 3, 1.0 / 3, 1.0 / 3, 0}));
  EXPECT_EQ(influence(MeamedOptions{.f = 1}), (Shares{0.25, 0.25, 0.25, 0}));
  EXPECT_EQ(influence(KrumOptions{.f = 1}), (Shares{1, 0, 0, 0}));
  EXPECT_EQ(influence(MdaOptions{.f = 2}), (Shares{1.0 / 3, 1.0 / 3, 0, 0}));
  // Clipped from 0 with tau = 3: shares 1/5, 1/5, 3/4/5, 3/6/5, 3/100/5.
  const Shares clipped = influence(CenteredClippingOptions{.tau = 3.0});
  EXPECT_NEAR(clipped[1], 0.15, 1e-9);
  EXPECT_NEAR(clipped[3], 0.006, 1e-9);
  const auto bulyan = combine_with_report(*make_aggregator(BulyanOptions{.f = 1}),
                                          {{0}, {1}, {2}, {3}, {4}, {5}, {90}})
                          .influence;
  EXPECT_EQ(bulyan, (Shares{1.0 / 3, 1.0 / 3, 1.0 / 3, 0, 0, 0}));
}

}  // namespace
}  // namespace hearsay

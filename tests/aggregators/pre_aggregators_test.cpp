#include "aggregators/pre/pre_aggregators.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "aggregators/krum.hpp"
#include "aggregators/mixing_average.hpp"
#include "aggregators/trimmed_mean.hpp"
#include "tests/aggregators/combine.hpp"
#include "tests/reference/reference_rules.hpp"

namespace hearsay {
namespace {

using Steps = std::vector<PreAggregationOptions>;

// Keeps what it is given, to show what a rule behind pre-aggregators sees.
class Recorder final : public Aggregator {
 public:
  struct Seen {
    PeerId sender = -1;
    double weight = 0.0;
    std::int64_t samples = 0;
    Vector values;
  };

  explicit Recorder(std::vector<Seen>& seen) : seen_(seen) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    const auto values = [](std::span<const float> x) { return Vector(x.begin(), x.end()); };
    seen_.push_back({context.peer, input.own_weight, input.own_samples, values(input.own)});
    for (const ReceivedModel& model : input.received) {
      seen_.push_back({model.sender, model.weight, model.samples, values(model.values)});
    }
    std::ranges::copy(input.own, result.begin());
  }

 private:
  std::vector<Seen>& seen_;
};

std::vector<Recorder::Seen> seen_behind(const Steps& steps, const std::vector<Vector>& rows,
                                        std::size_t own = 0) {
  std::vector<Recorder::Seen> seen;
  combine(*make_pre_aggregated(std::make_unique<Recorder>(seen), steps), rows, own);
  return seen;
}

Vector first_entries(const std::vector<Recorder::Seen>& seen) {
  Vector entries;
  for (const Recorder::Seen& one : seen) entries.push_back(one.values[0]);
  return entries;
}

TEST(PreAggregators, NnmOfFiveNumbers) {
  // All but 100 are nearest to 0, 1, 4 and 6; nearest to 100 are 100, 6, 4, 1.
  EXPECT_EQ(first_entries(seen_behind({{NnmOptions{.f = 1}}}, five_numbers())),
            (Vector{2.75F, 2.75F, 2.75F, 2.75F, 27.75F}));
}

TEST(PreAggregators, ClippingOfFiveNumbers) {
  EXPECT_EQ(first_entries(seen_behind({{ClippingOptions{.threshold = 5.0}}}, five_numbers())),
            (Vector{0, 1, 4, 5, 5}));
}

TEST(PreAggregators, ArcOfFiveNumbers) {
  // k = floor(2 * 1/5 * 4) = 1, and floor(2 * 2/5 * 3) = 2.
  EXPECT_EQ(first_entries(seen_behind({{ArcOptions{.f = 1}}}, five_numbers())),
            (Vector{0, 1, 4, 6, 6}));
  EXPECT_EQ(first_entries(seen_behind({{ArcOptions{.f = 2}}}, five_numbers())),
            (Vector{0, 1, 4, 4, 4}));
}

TEST(PreAggregators, AgreeWithTheirDefinitions) {
  Rng rng(5);
  for (const std::size_t n : {4U, 9U, 40U}) {
    for (const std::size_t d : {3U, 300U}) {
      std::vector<Vector> rows(n, Vector(d));
      for (Vector& row : rows) {
        for (float& value : row) value = static_cast<float>(rng.normal());
      }
      const auto expect = [&](const PreAggregation& step, const reference::Vecs& expected) {
        const auto seen = seen_behind({{step}}, rows);
        ASSERT_EQ(seen.size(), n);
        for (std::size_t i = 0; i < n; ++i) {
          for (std::size_t k = 0; k < d; ++k) {
            ASSERT_NEAR(seen[i].values[k], expected[i][k], 1e-5);
          }
        }
      };
      const reference::Vecs x = to_reference(rows);
      expect(NnmOptions{.f = 1}, reference::nnm(x, 1));
      expect(ClippingOptions{.threshold = 1.5}, reference::clipped(x, 1.5));
      expect(ArcOptions{.f = 1}, reference::arc(x, 1));
    }
  }
}

TEST(PreAggregators, ApplyInListOrder) {
  // Clipped to 5 first: 0, 1, 4, 5, 5; then means of 4: of 0, 1, 4, 5 or of 1, 4, 5, 5.
  EXPECT_EQ(first_entries(seen_behind({{ClippingOptions{.threshold = 5.0}}, {NnmOptions{.f = 1}}},
                                      five_numbers())),
            (Vector{2.5F, 2.5F, 3.75F, 3.75F, 3.75F}));
  // Mixed first: 2.75 and 27.75; then clipped.
  EXPECT_EQ(first_entries(seen_behind({{NnmOptions{.f = 1}}, {ClippingOptions{.threshold = 5.0}}},
                                      five_numbers())),
            (Vector{2.75F, 2.75F, 2.75F, 2.75F, 5.0F}));
}

TEST(PreAggregators, BucketsAreMeansOfGroups) {
  const std::vector<std::size_t> order{3, 0, 4, 1, 2};
  const std::vector<Mixture> groups = buckets(5, order, 2);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].members, (std::vector<std::size_t>{0, 3}));
  EXPECT_EQ(groups[0].weights, (std::vector<double>{0.5, 0, 0, 0.5, 0}));
  EXPECT_EQ(groups[1].members, (std::vector<std::size_t>{1, 4}));
  EXPECT_EQ(groups[2].members, (std::vector<std::size_t>{2}));
}

TEST(PreAggregators, BucketsTakeTheirMembersPlace) {
  std::vector<Vector> rows;
  for (int i = 0; i < 7; ++i) rows.push_back({static_cast<float>(1 << i)});
  const auto seen = seen_behind({{BucketingOptions{.size = 3}}}, rows, 4);
  // Two buckets of three and one of one, among them the own: the sums tell who is in it.
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].sender, 4);
  std::int64_t samples = 0;
  double weight = 0.0;
  int all = 0;
  PeerId last = -1;
  for (std::size_t v = 0; v < seen.size(); ++v) {
    const auto members = static_cast<int>(seen[v].samples / 10);
    const int bits = static_cast<int>(seen[v].values[0] * static_cast<float>(members) + 0.5F);
    EXPECT_EQ(__builtin_popcount(static_cast<unsigned>(bits)), members);
    EXPECT_NEAR(seen[v].weight, members / 7.0, 1e-12);
    if (v == 0) {
      EXPECT_NE(bits & 1 << 4, 0) << "the own bucket holds the own vector";
    } else {
      EXPECT_EQ(seen[v].sender, __builtin_ctz(static_cast<unsigned>(bits)));
      EXPECT_GT(seen[v].sender, last);
      last = seen[v].sender;
    }
    samples += seen[v].samples;
    weight += seen[v].weight;
    all |= bits;
  }
  EXPECT_EQ(samples, 70);
  EXPECT_NEAR(weight, 1.0, 1e-12);
  EXPECT_EQ(all, 127);
}

TEST(PreAggregators, BucketingCanLeaveTheOwnVectorAlone) {
  const auto seen =
      seen_behind({{BucketingOptions{.size = 2, .mix_own = false}}}, five_numbers(), 2);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].values, Vector{4});
  EXPECT_EQ(seen[0].samples, 10);
}

TEST(PreAggregators, ReportWhatCameThrough) {
  // Trimmed mean with f = 1 of 2.75 (peers 0 to 3, equal ones ranked by peer) and 27.75 keeps
  // those of peers 1, 2 and 3; each is a quarter of 0, 1, 4, 6.
  const auto rule =
      make_pre_aggregated(make_aggregator(TrimmedMeanOptions{.f = 1}), {{NnmOptions{.f = 1}}});
  const std::vector<double> influence = combine_with_report(*rule, five_numbers()).influence;
  ASSERT_EQ(influence.size(), 4U);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(influence[static_cast<std::size_t>(i)], 0.25, 1e-12);
  EXPECT_NEAR(influence[3], 0.0, 1e-12);
}

TEST(PreAggregators, ReportThroughBuckets) {
  // Whoever shares a bucket, the trimmed mean with f = 0 weighs buckets equally; all shares
  // follow from the result, since every number is a power of two.
  std::vector<Vector> rows;
  for (int i = 0; i < 6; ++i) rows.push_back({static_cast<float>(1 << i)});
  const auto rule = make_pre_aggregated(make_aggregator(TrimmedMeanOptions{.f = 0}),
                                        {{BucketingOptions{.size = 4}}});
  for (std::size_t own = 0; own < 6; ++own) {
    const Combined combined = combine_with_report(*rule, rows, own);
    double total = 0.0;
    double expected = 0.0;
    for (std::size_t i = 0, j = 0; i < 6; ++i) {
      if (i == own) continue;
      total += combined.influence[j];
      expected += combined.influence[j] * rows[i][0];
      ++j;
    }
    expected += (1.0 - total) * rows[own][0];
    EXPECT_NEAR(combined.result[0], expected, 1e-4);
  }
}

TEST(PreAggregators, AreInfeasibleWhereAStepOrTheRuleIs) {
  const auto rule = [](const Steps& steps) {
    return make_pre_aggregated(make_aggregator(KrumOptions{.f = 1}), steps);
  };
  EXPECT_EQ(rule({{NnmOptions{.f = 3}}})->infeasible(6),
            "nnm: n = 6 inputs are too few for f = 3: it needs n >= 2f + 1 = 7");
  EXPECT_EQ(rule({{NnmOptions{.f = 2}}})->infeasible(6), std::nullopt);
  // 9 inputs make 5 buckets, 8 make 4.
  EXPECT_EQ(rule({{BucketingOptions{.size = 2}}})->infeasible(9), std::nullopt);
  EXPECT_EQ(rule({{BucketingOptions{.size = 2}}})->infeasible(8),
            "krum: n = 4 inputs are too few for f = 1: it needs n >= 2f + 3 = 5");
  // With the own vector alone 8 make 1 + 4.
  EXPECT_EQ(rule({{BucketingOptions{.size = 2, .mix_own = false}}})->infeasible(8), std::nullopt);
}

TEST(PreAggregators, OfNothingReceivedLeaveTheOwnVector) {
  const auto rule = make_pre_aggregated(make_aggregator(MixingAverageOptions{}),
                                        {{ClippingOptions{.threshold = 1.0}}});
  EXPECT_EQ(combine(*rule, {{5}}), Vector{5});
}

TEST(PreAggregators, WorkOnUpdatesIfOneOfThemDoes) {
  EXPECT_EQ(space_of({{NnmOptions{}}, {BucketingOptions{}}}), Space::kModel);
  EXPECT_EQ(space_of({{NnmOptions{}}, {ArcOptions{}}}), Space::kUpdate);
  EXPECT_EQ(space_of({}), Space::kModel);
}

}  // namespace
}  // namespace hearsay

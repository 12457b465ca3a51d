#include "aggregators/guard.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "aggregators/mixing_average.hpp"
#include "aggregators/update_space.hpp"
#include "node/base/error.hpp"
#include "node/base/finite.hpp"
#include "tests/aggregators/small_aggregation.hpp"

namespace hearsay {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Vector = std::vector<float>;

/// The greatest input per coordinate, for three models or more: nothing else here gives that.
class Greatest final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    EXPECT_TRUE(all_finite(input.own));
    std::ranges::copy(input.own, result.begin());
    for (const ReceivedModel& model : input.received) {
      EXPECT_TRUE(all_finite(model.values));
      for (std::size_t i = 0; i < result.size(); ++i) {
        result[i] = std::max(result[i], model.values[i]);
      }
    }
    if (context.report == nullptr) return;
    context.report->influence.clear();
    for (const ReceivedModel& model : input.received) {
      context.report->influence.push_back(0.1 * model.sender);
    }
  }
  std::optional<std::string> infeasible(int inputs) const override {
    if (inputs >= 3) return std::nullopt;
    return "greatest needs 3 models, got " + std::to_string(inputs);
  }
};

std::unique_ptr<Aggregator> guarded(OnInfeasible on_infeasible) {
  return make_guarded(std::make_unique<Greatest>(), on_infeasible);
}

TEST(Guard, PassesFiniteInputsOn) {
  AggregationIncidents incidents;
  const SmallAggregation inputs{.own = {1, 5}, .received = {{2, 3}, {4, 0}}};
  EXPECT_EQ(inputs.by(*guarded(OnInfeasible::kError), nullptr, &incidents), (Vector{4, 5}));
  EXPECT_TRUE(incidents.not_finite.empty());
  EXPECT_FALSE(incidents.infeasible);
}

TEST(Guard, LeavesOutAndNamesModelsThatAreNotFinite) {
  AggregationReport report;
  AggregationIncidents incidents;
  const SmallAggregation inputs{.own = {1, 5},
                                .received = {{kNan, 9}, {2, 3}, {9, -kInfinity}, {4, 0}}};
  EXPECT_EQ(inputs.by(*guarded(OnInfeasible::kError), &report, &incidents), (Vector{4, 5}));
  EXPECT_EQ(incidents.not_finite, (std::vector<PeerId>{1, 3}));
  EXPECT_EQ(report.influence, (std::vector<double>{0, 0.2, 0, 0.4}));
}

TEST(Guard, ReplacesAnOwnModelThatIsNotFinite) {
  AggregationIncidents incidents;
  const SmallAggregation inputs{.own = {kNan, 50}, .received = {{kNan, 9}, {2, 3}, {4, 0}, {3, 1}}};
  EXPECT_EQ(inputs.by(*guarded(OnInfeasible::kError), nullptr, &incidents), (Vector{4, 3}));
  EXPECT_EQ(incidents.not_finite, (std::vector<PeerId>{0, 1}));
  // Plain mixing with weights 1/4: 2 stands for the own model, with its weight and the lost
  // one's: 0.5 * 2 + 0.25 * 4 + 0.25 * 8 = 4.
  const SmallAggregation mixed{.own = {kNan}, .received = {{2}, {4}, {8}}};
  const auto mixing = make_guarded(make_aggregator(MixingAverageOptions{}), OnInfeasible::kError);
  EXPECT_EQ(mixed.by(*mixing), Vector{4});
}

TEST(Guard, KeepsTheOwnModelWhenNothingElseIsLeft) {
  const SmallAggregation inputs{.own = {1, 5}, .received = {{kNan, 9}, {9, kNan}}};
  EXPECT_EQ(inputs.by(*guarded(OnInfeasible::kError)), (Vector{1, 5}));
}

TEST(Guard, FailsWithTheNumbersWhereTheRuleCannotWork) {
  const SmallAggregation inputs{.own = {1}, .received = {{kNan}, {2}}};
  try {
    inputs.by(*guarded(OnInfeasible::kError));
    FAIL() << "it did not throw";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "peer 0, round 7: aggregator: greatest needs 3 models, got 2; "
                 "on_infeasible: skip or fallback would go on");
  }
}

TEST(Guard, SkipsOrMixesPlainlyWhereTheRuleCannotWork) {
  AggregationReport report;
  AggregationIncidents incidents;
  const SmallAggregation inputs{.own = {1}, .received = {{5}}, .weights = {0.25}};
  EXPECT_EQ(inputs.by(*guarded(OnInfeasible::kSkip), &report, &incidents), Vector{1});
  EXPECT_EQ(incidents.infeasible, "greatest needs 3 models, got 2");
  EXPECT_EQ(report.influence, std::vector<double>{0});
  // 0.75 * 1 + 0.25 * 5 = 2.
  EXPECT_EQ(inputs.by(*guarded(OnInfeasible::kFallback), nullptr, &incidents), Vector{2});
}

/// Overflows.
class Product final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext&,
                 std::span<float> result) const override {
    result[0] = input.own[0] * input.received[0].values[0];
  }
};

TEST(Guard, KeepsTheOwnModelWhereTheResultOverflows) {
  AggregationIncidents incidents;
  const auto rule = make_guarded(std::make_unique<Product>(), OnInfeasible::kError);
  const SmallAggregation inputs{.own = {1e30F}, .received = {{1e30F}}};
  EXPECT_EQ(inputs.by(*rule, nullptr, &incidents), Vector{1e30F});
  EXPECT_EQ(incidents.infeasible, "its result is not finite; the own model is kept");
}

// The greatest float is just below 2^128: -2e38 from 2e38 is beyond it, -1.6e38 from 1.6e38 not.
TEST(Guard, LeavesOutModelsWhoseUpdatesCouldOverflow) {
  const auto rule =
      make_guarded(make_update_space(std::make_unique<Greatest>()), OnInfeasible::kError);
  AggregationIncidents incidents;
  SmallAggregation inputs{.own = {1, 1}, .received = {{-2e38F, 0}, {5, 0}, {0, 7}}};
  EXPECT_EQ(inputs.by(*rule, nullptr, &incidents), (Vector{5, 7}));
  EXPECT_EQ(incidents.not_finite, std::vector<PeerId>{1});
  inputs = {.own = {1}, .received = {{-1.6e38F}, {0}}, .previous = {1.6e38F}};
  EXPECT_EQ(inputs.by(*rule, nullptr, &(incidents = {})), Vector{0});
  EXPECT_TRUE(incidents.not_finite.empty());
}

TEST(Guard, KeepsTheOwnModelIfThePreviousOneIsTooLargeForUpdates) {
  const auto rule =
      make_guarded(make_update_space(std::make_unique<Greatest>()), OnInfeasible::kError);
  AggregationIncidents incidents;
  const SmallAggregation inputs{.own = {1}, .received = {{-1}, {0}}, .previous = {3e38F}};
  EXPECT_EQ(inputs.by(*rule, nullptr, &incidents), Vector{1});
  EXPECT_EQ(incidents.infeasible,
            "the previous model is too large for differences; the own model is kept");
}

}  // namespace
}  // namespace hearsay

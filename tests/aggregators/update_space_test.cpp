#include "aggregators/update_space.hpp"

#include <gtest/gtest.h>

#include "aggregators/aggregators.hpp"
#include "tests/aggregators/small_aggregation.hpp"

namespace hearsay {
namespace {

using Vector = std::vector<float>;

/// Halves what it gets, and tries it: does not commute with translations.
class Half final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = 0.5F * (input.own[i] + input.received[0].values[i] - input.previous[i]);
    }
    if (context.oracle != nullptr) tried = context.oracle->loss(result);
  }
  bool needs_oracle() const override { return true; }
  mutable double tried = 0.0;
};

/// The sum of a model's entries.
class Sum final : public ModelOracle {
 public:
  double loss(std::span<const float> model) override {
    double sum = 0.0;
    for (const float value : model) sum += value;
    return sum;
  }
  std::vector<ClassScore> class_scores(std::span<const float>) override { return {}; }
};

TEST(UpdateSpace, CombinesDifferencesToThePreviousModel) {
  const auto rule = make_update_space(std::make_unique<Half>());
  const SmallAggregation inputs{.own = {3, 10}, .received = {{7, 20}}, .previous = {1, 10}};
  // Updates (2, 0) and (6, 10): half their sum (4, 5), added to (1, 10). On models it would be
  // half of (9, 20).
  EXPECT_EQ(inputs.by(*rule), (Vector{5, 15}));
  EXPECT_TRUE(rule->needs_previous());
}

TEST(UpdateSpace, LetsTheOracleTryModels) {
  auto inner = std::make_unique<Half>();
  const Half& half = *inner;
  const auto rule = make_update_space(std::move(inner));
  ASSERT_TRUE(rule->needs_oracle());
  Sum oracle;
  const Vector own{3, 10};
  const Vector other{7, 20};
  const Vector previous{1, 10};
  const std::vector<ReceivedModel> received{{.sender = 1, .values = other}};
  const ParameterLayout layout;
  const Rng stream(1);
  Vector result(2);
  rule->aggregate({.own = own, .previous = previous, .received = received},
                  {.layout = layout, .stream = stream, .oracle = &oracle}, result);
  EXPECT_DOUBLE_EQ(half.tried, 5.0 + 15.0);
}

TEST(UpdateSpace, IsChosenByTheScenario) {
  const auto models = make_chosen(AggregatorOptions{});
  const auto updates = make_chosen(AggregatorOptions{.space = SpaceChoice::kUpdate});
  EXPECT_FALSE(models->needs_previous());
  EXPECT_TRUE(updates->needs_previous());
  // A linear rule with weights that sum to 1 gives the same in both.
  const SmallAggregation inputs{.own = {0, 1}, .received = {{4, 6}, {100, 2}}, .previous = {8, 8}};
  EXPECT_EQ(inputs.by(*models), inputs.by(*updates));
}

}  // namespace
}  // namespace hearsay

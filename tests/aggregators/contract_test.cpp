// Checks the contract written in aggregators/aggregator.hpp for every rule, alone and
// wrapped.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "aggregators/aggregators.hpp"

namespace hearsay {
namespace {

const Rng kStream(1);

using Vector = std::vector<float>;

ParameterLayout weight_and_bias(std::int64_t rows, std::int64_t columns) {
  ParameterLayout layout;
  layout.add("fc.weight", {rows, columns}, TensorKind::kWeight);
  layout.add("fc.bias", {rows}, TensorKind::kBias);
  return layout;
}

struct Case {
  std::string name;
  AggregatorOptions options;
};

class AggregatorContract : public testing::TestWithParam<Case> {
 protected:
  // models[0] is the peer's own; senders are 1, 2, ... with equal weights.
  Vector aggregate(const std::vector<Vector>& models) const {
    const std::unique_ptr<Aggregator> rule = make_chosen(GetParam().options);
    const double weight = 1.0 / static_cast<double>(models.size());
    std::vector<ReceivedModel> received;
    for (std::size_t i = 1; i < models.size(); ++i) {
      received.push_back({.sender = static_cast<PeerId>(i),
                          .weight = weight,
                          .samples = 10,
                          .round = 0,
                          .values = models[i]});
    }
    const std::unique_ptr<AggregatorState> state = rule->make_state();
    // A guard behind the result shows that nothing else is written.
    Vector result(models[0].size() + 1, std::numeric_limits<float>::quiet_NaN());
    rule->aggregate(
        {.own_weight = weight,
         .own_samples = 10,
         .own = models[0],
         .previous = models[0],
         .received = received},
        {.layout = layout_, .peer = 0, .round = 0, .stream = kStream, .state = state.get()},
        std::span(result).first(models[0].size()));
    EXPECT_TRUE(std::isnan(result.back()));
    result.pop_back();
    return result;
  }

  // Repeats the models until every rule has enough of them.
  static std::vector<Vector> enough(const std::vector<Vector>& models) {
    std::vector<Vector> all;
    while (all.size() < 7) all.push_back(models[all.size() % models.size()]);
    return all;
  }

  Vector random_model(std::uint64_t seed) const {
    Rng rng(seed);
    Vector model(layout_.size());
    for (float& value : model) value = static_cast<float>(rng.normal());
    return model;
  }

  static void expect_near(const Vector& a, const Vector& b, float tolerance) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << "entry " << i;
  }

  ParameterLayout layout_ = weight_and_bias(20, 7);
};

TEST_P(AggregatorContract, AgreementIsAFixedPoint) {
  const Vector model = random_model(1);
  expect_near(aggregate(enough({model})), model, 1e-5F);
}

TEST_P(AggregatorContract, OrderOfReceivedDoesNotMatter) {
  std::vector<Vector> models;
  for (std::uint64_t seed = 1; seed <= 7; ++seed) models.push_back(random_model(seed));
  const Vector before = aggregate(models);
  std::swap(models[1], models[4]);
  std::swap(models[2], models[3]);
  expect_near(aggregate(models), before, 1e-5F);
}

TEST_P(AggregatorContract, OwnModelIsKeptWhenNothingWasReceived) {
  const Vector own = random_model(3);
  expect_near(aggregate({own}), own, 0.0F);
}

TEST_P(AggregatorContract, FiniteInputsGiveFiniteOutputs) {
  Vector large(layout_.size(), 1e30F);
  Vector negative(layout_.size(), -1e30F);
  const Vector zero(layout_.size(), 0.0F);
  for (const std::vector<Vector>& models :
       {std::vector{large, negative, zero}, std::vector{zero, large, negative},
        std::vector{zero, zero, zero}, std::vector{large, large, large}}) {
    for (const float value : aggregate(enough(models))) EXPECT_TRUE(std::isfinite(value));
  }
}

TEST_P(AggregatorContract, SameInputsGiveTheSameBits) {
  const std::vector<Vector> models = enough({random_model(1), random_model(2), random_model(3)});
  EXPECT_EQ(aggregate(models), aggregate(models));
}

// Every alternative of the variant with its defaults: a new rule is covered without
// touching this file.
template <std::size_t... Index>
std::vector<Case> every_rule(std::index_sequence<Index...>) {
  std::vector<Case> cases;
  const auto add = [&cases](const AggregationRule& rule) {
    const std::string kind = std::visit(
        [](const auto& chosen) { return std::string(std::decay_t<decltype(chosen)>::kKind); },
        rule);
    cases.push_back({kind, {.rule = rule}});
    cases.push_back({kind + "_variance_corrected",
                     {.rule = rule, .variance_correction = VarianceCorrectionOptions{}}});
  };
  (add(AggregationRule(std::in_place_index<Index>)), ...);
  return cases;
}

INSTANTIATE_TEST_SUITE_P(
    EveryRule, AggregatorContract,
    testing::ValuesIn(every_rule(std::make_index_sequence<std::variant_size_v<AggregationRule>>())),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace hearsay

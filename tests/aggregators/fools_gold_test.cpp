#include "aggregators/fools_gold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "node/base/archive.hpp"
#include "tests/reference/reference_local_rules.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

TEST(FoolsGoldRates, PardonThoseLessAlikeAndStretchTheRest) {
  // v = 0.5, 0.5, 0.2. Row 3 is pardoned by 0.2 / 0.5: 0.04, 0.08. alpha = 0.5, 0.5, 0.92; over
  // 0.92: 0.543478, 0.543478, 1; ln(0.543478 / 0.456522) + 0.5 = 0.674353, ln 99 + 0.5 > 1.
  const std::vector<double> rates =
      fools_gold_rates(std::vector<double>{0, 0.5, 0.1, 0.5, 0, 0.2, 0.1, 0.2, 0}, 3);
  EXPECT_NEAR(rates[0], 0.674353, 1e-6);
  EXPECT_NEAR(rates[1], 0.674353, 1e-6);
  EXPECT_EQ(rates[2], 1.0);
}

TEST(FoolsGoldRates, OfNearCopiesAreZero) {
  const std::vector<double> rates =
      fools_gold_rates(std::vector<double>{0, 0.95, 0, 0.95, 0, 0, 0, 0, 0}, 3);
  EXPECT_EQ(rates, (std::vector<double>{0, 0, 1}));
  // All alike: nobody is trusted.
  EXPECT_EQ(fools_gold_rates(std::vector<double>{0, 1, 1, 0}, 2), (std::vector<double>{0, 0}));
}

TEST(FoolsGold, LooksAtTheSumOfAllUpdates) {
  // In the first round 1 and 2 agree and are dropped. In the second they part: histories (1, 1)
  // each of 1 and 2 would still agree, but 2's is (1, -1): cosine 0, all rates 1.
  const auto rule = make_aggregator(FoolsGoldOptions{});
  const std::unique_ptr<AggregatorState> state = rule->make_state();
  NeighborhoodCase input = evenly({0, 0, 2}, {{1, 0, 0}, {1, 0, 0}});
  input.state = state.get();
  EXPECT_EQ(run_rule(*rule, input).result, (Vector{0, 0, 2}));
  input = evenly({0, 0, 3}, {{0, 1, 0}, {0, -1, 0}});
  input.state = state.get();
  const RuleOutcome outcome = run_rule(*rule, input);
  EXPECT_FLOAT_EQ(outcome.result[2], 1.0F);
  EXPECT_NEAR(outcome.influence[0], 1.0 / 3.0, 1e-12);
}

TEST(FoolsGold, AsPublishedSumsUpdates) {
  const auto rule = make_aggregator(FoolsGoldOptions{.normalize = false});
  const std::unique_ptr<AggregatorState> state = rule->make_state();
  NeighborhoodCase input = evenly({0, 0, 3}, {{0, 1, 0}, {2, 0, 0}});
  input.state = state.get();
  EXPECT_EQ(run_rule(*rule, input).result, (Vector{2, 1, 3}));
}

/// The code of the paper in plain loops, over whole histories.
reference::Numbers slow_rates(const std::vector<reference::Numbers>& histories) {
  const std::size_t n = histories.size();
  std::vector<reference::Numbers> cosines(n, reference::Numbers(n));
  const reference::Numbers zero(histories[0].size());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      double product = 0.0;
      for (std::size_t e = 0; e < zero.size(); ++e) product += histories[i][e] * histories[k][e];
      const double lengths =
          reference::distance(histories[i], zero) * reference::distance(histories[k], zero);
      cosines[i][k] = i == k || lengths == 0.0 ? 0.0 : product / lengths;
    }
  }
  reference::Numbers most;
  for (const auto& row : cosines) most.push_back(std::ranges::max(row));
  reference::Numbers rates;
  for (std::size_t i = 0; i < n; ++i) {
    double largest = 0.0;
    for (std::size_t k = 0; k < n; ++k) {
      const double pardon = most[i] < most[k] ? most[i] / most[k] : 1.0;
      largest = std::max(largest, cosines[i][k] * pardon);
    }
    rates.push_back(std::clamp(1.0 - largest, 0.0, 1.0));
  }
  const double top = std::ranges::max(rates);
  if (top == 0.0) return rates;
  for (double& rate : rates) {
    rate /= top;
    if (rate == 1.0) rate = 0.99;
    rate = std::clamp(std::log(rate / (1.0 - rate)) + 0.5, 0.0, 1.0);
  }
  return rates;
}

TEST(FoolsGold, AgreesWithTheSlowVersionOverSeveralRounds) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const auto rule = make_aggregator(FoolsGoldOptions{.normalize = false});
    const std::unique_ptr<AggregatorState> state = rule->make_state();
    NeighborhoodCase input = random_case(rng, 20, 200);
    // A direction that half of the neighbors share makes histories alike to all degrees.
    std::vector<reference::Numbers> histories(input.heard.size() + 1,
                                              reference::Numbers(input.own.size()));
    input.state = state.get();
    for (int round = 0; round < 3; ++round) {
      for (std::size_t j = 0; j < input.heard.size(); ++j) {
        for (float& value : input.heard[j].model) {
          value = static_cast<float>(rng.normal() + (j % 2 == 0 ? 1.0 : 0.0));
        }
      }
      for (std::size_t e = 0; e < input.own.size(); ++e) {
        histories[0][e] += input.own[e];
        for (std::size_t j = 0; j < input.heard.size(); ++j) {
          histories[j + 1][e] += input.heard[j].model[e];
        }
      }
      const reference::Numbers expected = reference::weighted_sum(input, slow_rates(histories));
      const Vector result = run_rule(*rule, input).result;
      for (std::size_t e = 0; e < result.size(); ++e) ASSERT_NEAR(result[e], expected[e], 2e-4);
    }
  }
}

TEST(FoolsGold, StateSurvivesACheckpoint) {
  const auto rule = make_aggregator(FoolsGoldOptions{});
  const std::unique_ptr<AggregatorState> state = rule->make_state();
  NeighborhoodCase input = evenly({0, 0, 2}, {{1, 0, 0}, {1, 0.5F, 0}});
  input.state = state.get();
  run_rule(*rule, input);
  SavingArchive saving;
  state->persist(saving);
  const Snapshot snapshot = saving.take();
  const std::unique_ptr<AggregatorState> restored = rule->make_state();
  LoadingArchive loading(snapshot);
  restored->persist(loading);
  loading.finish();
  input = evenly({0, 0, 3}, {{0, 1, 0}, {0, -1, 0}});
  input.state = state.get();
  const Vector expected = run_rule(*rule, input).result;
  input.state = restored.get();
  EXPECT_EQ(run_rule(*rule, input).result, expected);
}

}  // namespace
}  // namespace hearsay

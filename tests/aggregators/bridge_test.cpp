#include "aggregators/bridge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/reference/reference_local_rules.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

using Screening = BridgeOptions::Screening;

Vector bridge(const BridgeOptions& options, const NeighborhoodCase& input) {
  return run_rule(*make_aggregator(options), input).result;
}

TEST(BridgeT, TrimsTheNeighborsAndAlwaysCountsTheOwnValue) {
  // Neighbors 0, 1, 4, 6 without 0 and 6: (100 + 1 + 4) / 3 = 35. The trimmed mean of all five
  // would be (1 + 4 + 6) / 3 = 3.67.
  const NeighborhoodCase input = evenly({100}, {{0}, {1}, {4}, {6}});
  const RuleOutcome outcome = run_rule(*make_aggregator(BridgeOptions{.f = 1}), input);
  EXPECT_FLOAT_EQ(outcome.result[0], 35.0F);
  EXPECT_EQ(outcome.influence, (std::vector<double>{0, 1.0 / 3.0, 1.0 / 3.0, 0}));
  EXPECT_FLOAT_EQ(bridge({.f = 0}, input)[0], 22.2F);
}

TEST(BridgeT, TrimsEveryEntryAlone) {
  // First entries 5, 1, 9: 5 stays; second 8, 7, 0: 7 stays.
  EXPECT_EQ(bridge({.f = 1}, evenly({1, 1}, {{5, 8}, {1, 7}, {9, 0}})), (Vector{3, 4}));
}

TEST(BridgeT, AgreesWithASortedList) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const NeighborhoodCase input = random_case(rng, 40, 300);
    const std::size_t count = input.heard.size();
    const std::size_t f = rng.below((count - 1) / 2 + 1);
    const Vector result = bridge({.f = static_cast<int>(f)}, input);
    for (std::size_t i = 0; i < result.size(); ++i) {
      reference::Numbers values;
      for (const Heard& heard : input.heard) values.push_back(heard.model[i]);
      std::ranges::sort(values);
      double sum = input.own[i];
      for (std::size_t k = f; k < count - f; ++k) sum += values[k];
      ASSERT_NEAR(result[i], sum / static_cast<double>(count - 2 * f + 1), 1e-5);
    }
  }
}

TEST(Bridge, ScreensByTheNamedRulesOverOwnAndNeighbors) {
  const NeighborhoodCase input = evenly({0}, {{1}, {4}, {6}, {100}});
  EXPECT_FLOAT_EQ(bridge({.screening = Screening::kMedian}, input)[0], 4.0F);
  // Krum, n - f - 2 = 2 nearest: 0: 17, 1: 10, 4: 13, 6: 29: 1.
  EXPECT_FLOAT_EQ(bridge({.screening = Screening::kKrum, .f = 1}, input)[0], 1.0F);
  // Bulyan of nine zeros and twos around a far value stays among them.
  const float screened = bridge({.screening = Screening::kBulyan, .f = 1},
                                evenly({0}, {{0}, {2}, {0}, {2}, {1}, {1}, {1000}}))[0];
  EXPECT_GE(screened, 0.0F);
  EXPECT_LE(screened, 2.0F);
}

TEST(Bridge, IsAsFeasibleAsItsScreening) {
  const auto trimmed = make_aggregator(BridgeOptions{.f = 2});
  EXPECT_EQ(trimmed->infeasible(6), std::nullopt);
  EXPECT_EQ(trimmed->infeasible(5),
            "bridge: n = 5 inputs are too few for f = 2: it needs n >= 2f + 2 = 6");
  const auto krum = make_aggregator(BridgeOptions{.screening = Screening::kKrum, .f = 2});
  EXPECT_EQ(krum->infeasible(7), std::nullopt);
  EXPECT_NE(krum->infeasible(6), std::nullopt);
  const auto bulyan = make_aggregator(BridgeOptions{.screening = Screening::kBulyan, .f = 2});
  EXPECT_EQ(bulyan->infeasible(11), std::nullopt);
  EXPECT_NE(bulyan->infeasible(10), std::nullopt);
  EXPECT_EQ(make_aggregator(BridgeOptions{.screening = Screening::kMedian})->infeasible(2),
            std::nullopt);
}

}  // namespace
}  // namespace hearsay

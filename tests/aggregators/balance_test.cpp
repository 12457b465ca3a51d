#include "aggregators/balance.hpp"

#include <gtest/gtest.h>

#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

// The own model has length 5; the neighbors are 1 and 2 away.
NeighborhoodCase near_and_far(int round) {
  NeighborhoodCase input = evenly({3, 4}, {{3, 5}, {5, 4}});
  input.round = round;
  return input;
}

Vector balance(const BalanceOptions& options, int round) {
  return run_rule(*make_aggregator(options), near_and_far(round)).result;
}

TEST(Balance, AcceptsWhatIsNearInTermsOfTheOwnModelsLength) {
  // 0.3 * 5 = 1.5: the first alone; 0.4 * 5 = 2: both, the bound included.
  EXPECT_EQ(balance({.alpha = 0.5, .gamma = 0.3, .rounds = 10}, 0), (Vector{3, 4.5F}));
  EXPECT_EQ(balance({.alpha = 0.5, .gamma = 0.4, .rounds = 10}, 0), (Vector{3.5F, 4.25F}));
  // alpha is the own model's weight: 0.75 (3, 4) + 0.25 (3, 5).
  EXPECT_EQ(balance({.alpha = 0.75, .gamma = 0.3, .rounds = 10}, 0), (Vector{3, 4.25F}));
}

TEST(Balance, BoundFallsExponentiallyWithTime) {
  // At t = T the bound is 1.5 exp(-kappa): 0.552 with kappa 1, 1.005 with kappa 0.4.
  EXPECT_EQ(balance({.gamma = 0.3, .kappa = 1.0, .rounds = 10}, 10), (Vector{3, 4}));
  EXPECT_EQ(balance({.gamma = 0.3, .kappa = 0.4, .rounds = 10}, 10), (Vector{3, 4.5F}));
  // Halfway with kappa 0.4 / 0.5 as at the end with 0.4.
  EXPECT_EQ(balance({.gamma = 0.3, .kappa = 0.8, .rounds = 10}, 5), (Vector{3, 4.5F}));
  // After T it stays: 1.005 again, not 1.5 exp(-0.8).
  EXPECT_EQ(balance({.gamma = 0.3, .kappa = 0.4, .rounds = 10}, 20), (Vector{3, 4.5F}));
}

TEST(Balance, ReportsWhatItAccepted) {
  EXPECT_EQ(run_rule(*make_aggregator(BalanceOptions{}), near_and_far(0)).influence,
            (std::vector<double>{0.5, 0.0}));
}

}  // namespace
}  // namespace hearsay

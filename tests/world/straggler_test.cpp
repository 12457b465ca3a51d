// Compute models in which a peer is slow now and then.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "node/world/compute_model.hpp"
#include "tests/world/sample_moments.hpp"

namespace hearsay {
namespace {

constexpr SimTime kMillisecond{1'000'000};

/// In units of step_time, 1 ms.
double factor_of(const ComputeModel& model, PeerId peer, std::uint64_t nth) {
  return model.training_time(peer, 1000, nth).seconds();
}

// Shape 3: P(> x) = x^-3, mean 3 / 2, variance 3 / ((3 - 1)^2 (3 - 2)) = 0.75. With 40,000
// draws the standard error of the mean is 0.0043, that of P(> 2) = 0.125 is 0.0017.
TEST(ParetoCompute, SlowsEachTaskDownAnew) {
  const auto model = make_compute(
      ParetoComputeOptions{
          .step_time = kMillisecond, .shape = 3, .aggregation_time = kMillisecond * 1000},
      40, Rng(1));
  SampleMoments trainings;
  SampleMoments aggregations;
  int above_two = 0;
  for (PeerId peer = 0; peer < 40; ++peer) {
    for (std::uint64_t nth = 0; nth < 1000; ++nth) {
      const double factor = factor_of(*model, peer, nth);
      ASSERT_GE(factor, 1.0);
      trainings.add(factor);
      above_two += factor > 2.0 ? 1 : 0;
      const double aggregation = model->aggregation_time(peer, nth).seconds();
      ASSERT_NE(aggregation, factor);
      aggregations.add(aggregation);
    }
  }
  EXPECT_NEAR(trainings.mean(), 1.5, 0.022);
  EXPECT_NEAR(aggregations.mean(), 1.5, 0.022);
  EXPECT_NEAR(above_two / 40'000.0, 0.125, 0.0085);
}

std::unique_ptr<ComputeModel> make_chain(double p, double q, int peers, std::uint64_t seed = 1) {
  return make_compute(
      GilbertElliottComputeOptions{
          .step_time = kMillisecond, .p = {p}, .q = {q}, .factor = 5, .bad_round = {0}},
      peers, Rng(seed));
}

/// Whether a peer's trainings 0 .. count - 1 are slow.
std::vector<bool> states(const ComputeModel& model, PeerId peer, std::uint64_t count) {
  std::vector<bool> bad;
  for (std::uint64_t nth = 0; nth < count; ++nth) {
    const double factor = factor_of(model, peer, nth);
    EXPECT_TRUE(factor == 1.0 || factor == 5.0) << factor;
    bad.push_back(factor == 5.0);
  }
  return bad;
}

// p and q on both sides of p + q = 1: below, states tend to last; above, to alternate.
// The share of bad ones among n states of a chain has standard error
// sqrt(s (1 - s) (1 + r) / (1 - r) / n), s = p / (p + q), r = 1 - p - q: with n = 200,000
// at most 0.0053 (p = 0.02, q = 0.05). Transitions are independent draws. Bounds: 5 errors.
TEST(GilbertElliottCompute, MovesBetweenStatesAsAsked) {
  const struct {
    double p, q;
  } cases[] = {{0.02, 0.05}, {0.05, 0.9}, {0.3, 0.4}, {0.7, 0.8}, {0.5, 0.5}};
  for (const auto [p, q] : cases) {
    const auto model = make_chain(p, q, 20);
    double good = 0;
    double bad = 0;
    double good_to_bad = 0;
    double bad_to_good = 0;
    for (PeerId peer = 0; peer < 20; ++peer) {
      const std::vector<bool> own = states(*model, peer, 10'000);
      for (std::size_t nth = 1; nth < own.size(); ++nth) {
        (own[nth - 1] ? bad : good) += 1;
        good_to_bad += !own[nth - 1] && own[nth] ? 1 : 0;
        bad_to_good += own[nth - 1] && !own[nth] ? 1 : 0;
      }
    }
    EXPECT_NEAR(bad / (good + bad), p / (p + q), 0.027) << p << " " << q;
    EXPECT_NEAR(good_to_bad / good, p, 5 * std::sqrt(p * (1 - p) / good)) << p << " " << q;
    EXPECT_NEAR(bad_to_good / bad, q, 5 * std::sqrt(q * (1 - q) / bad)) << p << " " << q;
  }
}

// Bursts are geometric: mean 1 / q = 4, deviation sqrt(1 - q) / q = 3.46, P(burst <= 2) =
// 1 - 0.75^2 = 0.4375. About 200,000 * 0.1 * 0.25 / 0.35 = 14,000 bursts: standard errors
// 0.029 and 0.0042.
TEST(GilbertElliottCompute, BurstsLastAsLongAsAsked) {
  const std::vector<bool> bad = states(*make_chain(0.1, 0.25, 1), 0, 200'000);
  SampleMoments bursts;
  double short_ones = 0;
  double count = 0;
  int length = 0;
  for (const bool now : bad) {
    if (now) {
      ++length;
    } else if (length > 0) {
      bursts.add(length);
      short_ones += length <= 2 ? 1 : 0;
      count += 1;
      length = 0;
    }
  }
  EXPECT_NEAR(bursts.mean(), 4.0, 0.15);
  EXPECT_NEAR(bursts.deviation(), 3.46, 0.2);
  EXPECT_NEAR(short_ones / count, 0.4375, 0.021);
}

// Stationary from the first training on: p / (p + q) = 0.2, standard error with 20,000
// peers 0.0028.
TEST(GilbertElliottCompute, StartsStationary) {
  const auto model = make_chain(0.02, 0.08, 20'000);
  for (const std::uint64_t nth : {0U, 1U, 5U, 60U}) {
    double bad = 0;
    for (PeerId peer = 0; peer < 20'000; ++peer) bad += factor_of(*model, peer, nth) > 1 ? 1 : 0;
    EXPECT_NEAR(bad / 20'000, 0.2, 0.014) << nth;
  }
}

TEST(GilbertElliottCompute, ExtremeChainsDoWhatTheyMust) {
  for (PeerId peer = 0; peer < 8; ++peer) {
    const auto never = states(*make_chain(0, 0, 8), peer, 50);
    EXPECT_EQ(std::ranges::count(never, true), 0) << "good for good";
    const auto leaves = states(*make_chain(0, 1, 8), peer, 50);
    EXPECT_EQ(std::ranges::count(leaves, true), 0);
    const auto stays = states(*make_chain(1, 0, 8), peer, 50);
    EXPECT_EQ(std::ranges::count(stays, false), 0);
    const auto alternates = states(*make_chain(1, 1, 8), peer, 50);
    for (std::size_t nth = 1; nth < 50; ++nth) EXPECT_NE(alternates[nth], alternates[nth - 1]);
  }
}

// Far out, and backwards, in chains with memory short and long: as if asked in order.
TEST(GilbertElliottCompute, KnowsAnyTraining) {
  const double chains[][2] = {{0.001, 0.002}, {0.999, 0.998}, {0.3, 0.2}, {0.6, 0.9}};
  for (const auto& [p, q] : chains) {
    const std::vector<bool> in_order = states(*make_chain(p, q, 2), 1, 3000);
    const auto model = make_chain(p, q, 2);
    for (std::uint64_t nth = 2999; nth > 0; nth = nth * 9 / 10) {
      EXPECT_EQ(factor_of(*model, 1, nth) > 1.0, in_order[nth]) << nth;
      EXPECT_EQ(factor_of(*make_chain(p, q, 2), 1, nth) > 1.0, in_order[nth]) << nth;
    }
  }
  const std::uint64_t last = std::numeric_limits<std::uint64_t>::max() - 1;
  EXPECT_GE(factor_of(*make_chain(0.3, 0.4, 2), 0, last), 1.0);
}

TEST(GilbertElliottCompute, PeersAreIndependent) {
  const auto model = make_chain(0.3, 0.3, 2);
  const std::vector<bool> first = states(*model, 0, 20'000);
  const std::vector<bool> second = states(*model, 1, 20'000);
  double both = 0;
  for (std::size_t nth = 0; nth < first.size(); ++nth) both += first[nth] && second[nth] ? 1 : 0;
  // 1/4; the products are correlated by r^2 = 0.16: sqrt(0.1875 * 1.38 / 20000) = 0.0036.
  EXPECT_NEAR(both / 20'000, 0.25, 0.018);
}

// A tenth of the rounds; the ratio to the same chain without bad rounds tells which.
TEST(GilbertElliottCompute, BadRoundsHitAllPeersOnTop) {
  const auto model = make_compute(GilbertElliottComputeOptions{.step_time = kMillisecond,
                                                               .p = {0.3},
                                                               .q = {0.4},
                                                               .factor = 5,
                                                               .bad_round = {0.1},
                                                               .bad_round_factor = 2,
                                                               .aggregation_time = kMillisecond},
                                  6, Rng(1));
  const auto calm = make_chain(0.3, 0.4, 6);
  double bad_rounds = 0;
  double in_a_row = 0;
  bool before = false;
  for (std::uint64_t nth = 0; nth < 20'000; ++nth) {
    const double ratio = factor_of(*model, 0, nth) / factor_of(*calm, 0, nth);
    EXPECT_TRUE(ratio == 1.0 || ratio == 2.0) << ratio;
    in_a_row += before && ratio == 2.0 ? 1 : 0;
    before = ratio == 2.0;
    bad_rounds += before ? 1 : 0;
    for (PeerId peer = 1; peer < 6; ++peer) {
      ASSERT_EQ(factor_of(*model, peer, nth) / factor_of(*calm, peer, nth), ratio) << nth;
    }
  }
  // Standard error: sqrt(0.1 * 0.9 / 20000) = 0.0021.
  EXPECT_NEAR(bad_rounds / 20'000, 0.1, 0.011);
  // Each round by itself: 0.01, standard error at most sqrt(3 * 0.01 / 20000) = 0.0013.
  EXPECT_NEAR(in_a_row / 20'000, 0.01, 0.0065);
  EXPECT_EQ(model->aggregation_time(3, 2), kMillisecond);
}

}  // namespace
}  // namespace hearsay

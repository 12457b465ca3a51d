#include "node/base/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace hearsay {
namespace {

// SplitMix64 and xoshiro256++ once more, after the authors' C programs at
// https://prng.di.unimi.it, on plain arrays.
std::uint64_t reference_split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

std::uint64_t reference_next(std::uint64_t s[4]) {
  const std::uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

TEST(RngReference, GivesThePublishedNumbers) {
  // By hand from the state 1, 2, 3, 4: rotl(1 + 4, 23) + 1 = 5 * 2^23 + 1 = 41943041.
  // The others: test vectors of the rand_xoshiro and of the Rosetta Code programs.
  std::uint64_t state[4] = {1, 2, 3, 4};
  for (const std::uint64_t expected :
       {41943041ULL, 58720359ULL, 3588806011781223ULL, 3591011842654386ULL, 9228616714210784205ULL,
        9973669472204895162ULL, 14011001112246962877ULL, 12406186145184390807ULL,
        15849039046786891736ULL, 10450023813501588000ULL}) {
    EXPECT_EQ(reference_next(state), expected);
  }
  std::uint64_t seed = 1234567;
  for (const std::uint64_t expected : {6457827717110365317ULL, 3203168211198807973ULL,
                                       9817491932198370423ULL, 4593380528125082431ULL}) {
    EXPECT_EQ(reference_split_mix(seed), expected);
  }
}

TEST(Rng, IsXoshiro256PlusPlusSeededBySplitMix64) {
  for (const std::uint64_t seed : {0ULL, 1ULL, 1234567ULL, ~0ULL}) {
    std::uint64_t seeding = seed;
    std::uint64_t state[4];
    for (std::uint64_t& word : state) word = reference_split_mix(seeding);
    Rng rng(seed);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(rng.next(), reference_next(state)) << seed;
  }
}

TEST(Rng, SplitStreamsAreTheSameInEveryBuild) {
  // As printed when the streams were defined: a change here changes every result.
  const Rng root(1);
  EXPECT_EQ(root.split("batches", 0).next(), 17357226213655331398ULL);
  EXPECT_EQ(root.split("batches", 1).next(), 11169486763278167098ULL);
  EXPECT_EQ(root.split("graph").next(), 7374991450345104866ULL);
  EXPECT_EQ(root.split("graph").split("batches", 7).next(), 14502776670170466548ULL);
}

TEST(Rng, SplittingDoesNotChangeTheStream) {
  Rng split_from(3);
  Rng untouched(3);
  [[maybe_unused]] const Rng child = split_from.split("batches", 4);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(split_from.next(), untouched.next());
}

TEST(Rng, EverySplitIsAnotherStream) {
  std::set<std::uint64_t> first_numbers;
  for (const std::uint64_t seed : {1U, 2U}) {
    for (const char* const purpose : {"", "a", "b", "ab", "batches"}) {
      for (std::uint64_t index = 0; index < 100; ++index) {
        first_numbers.insert(Rng(seed).split(purpose, index).next());
      }
    }
  }
  EXPECT_EQ(first_numbers.size(), 2U * 5U * 100U);
}

TEST(Rng, NeighboringSplitsAreUncorrelated) {
  // Correlation of 10,000 pairs: standard error 0.01; 4 of them.
  Rng a = Rng(1).split("batches", 0);
  Rng b = Rng(1).split("batches", 1);
  double sum = 0.0;
  for (int i = 0; i < 10'000; ++i) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
  EXPECT_NEAR(sum * 12.0 / 10'000.0, 0.0, 0.04);
}

// sum (count - expected)^2 / expected.
double chi_square(const std::vector<int>& counts, double expected) {
  double sum = 0.0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST(Rng, BelowIsUniform) {
  // Six cells, five degrees of freedom: above 25.7 in one of 10,000 seeds.
  Rng rng(11);
  std::vector<int> counts(6, 0);
  for (int i = 0; i < 60'000; ++i) ++counts.at(rng.below(6));
  EXPECT_LT(chi_square(counts, 10'000.0), 25.7);
}

TEST(Rng, BelowIsUnbiasedForBoundsNearTwoToThe64) {
  // Modulo reduction would put half of all numbers below 2^62, not a third:
  // 2^64 = 3 * 2^62 + 2^62. 30,000 draws: standard error 0.0027.
  Rng rng(12);
  const std::uint64_t quarter = 1ULL << 62;
  int low = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t number = rng.below(3 * quarter);
    ASSERT_LT(number, 3 * quarter);
    low += number < quarter ? 1 : 0;
  }
  EXPECT_NEAR(low / 30'000.0, 1.0 / 3.0, 0.011);
}

TEST(Rng, BelowOneIsZero) {
  Rng rng(1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rng.below(1), 0U);
}

TEST(RngDeathTest, BelowZeroAndGammaOfZeroAreRefused) {
  EXPECT_DEATH(Rng(1).below(0), "bound > 0");
  EXPECT_DEATH(Rng(1).gamma(0.0), "shape > 0");
}

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
  double low = 0.0;
  double high = 0.0;
};

template <class Draw>
Moments moments_of(Draw&& draw, int count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = draw();
  Moments moments;
  moments.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  for (const double value : values) {
    moments.variance += (value - moments.mean) * (value - moments.mean) / count;
  }
  const auto [low, high] = std::ranges::minmax(values);
  moments.low = low;
  moments.high = high;
  return moments;
}

// Bounds below are five standard errors: sd / sqrt(count) for a mean,
// sqrt((fourth central moment - variance^2) / count) for a variance.
constexpr int kDraws = 200'000;

TEST(Rng, UniformHasTheMomentsAndRangeOfTheUnitInterval) {
  Rng rng(21);
  const Moments moments = moments_of([&] { return rng.uniform(); }, kDraws);
  EXPECT_NEAR(moments.mean, 0.5, 0.0033);
  EXPECT_NEAR(moments.variance, 1.0 / 12.0, 0.0009);
  EXPECT_GE(moments.low, 0.0);
  EXPECT_LT(moments.low, 1e-4);
  EXPECT_LT(moments.high, 1.0);
  EXPECT_GT(moments.high, 1.0 - 1e-4);
}

TEST(Rng, NormalHasTheMomentsAndTailsOfTheStandardNormal) {
  Rng rng(22);
  int beyond_two = 0;
  int positive = 0;
  const Moments moments = moments_of(
      [&] {
        const double value = rng.normal();
        beyond_two += std::abs(value) > 2.0 ? 1 : 0;
        positive += value > 0.0 ? 1 : 0;
        return value;
      },
      kDraws);
  EXPECT_NEAR(moments.mean, 0.0, 0.0112);
  EXPECT_NEAR(moments.variance, 1.0, 0.0159);
  EXPECT_NEAR(positive / double{kDraws}, 0.5, 0.0056);
  // P(|x| > 2) = 0.0455.
  EXPECT_NEAR(beyond_two / double{kDraws}, 0.0455, 0.0024);
}

class RngGamma : public testing::TestWithParam<double> {};

TEST_P(RngGamma, HasItsShapeAsMeanAndAsVariance) {
  const double shape = GetParam();
  Rng rng(23);
  const Moments moments = moments_of([&] { return rng.gamma(shape); }, kDraws);
  // Fourth central moment: 3 shape^2 + 6 shape.
  EXPECT_NEAR(moments.mean, shape, 5.0 * std::sqrt(shape / kDraws));
  EXPECT_NEAR(moments.variance, shape,
              5.0 * std::sqrt((2.0 * shape * shape + 6.0 * shape) / kDraws));
  EXPECT_GE(moments.low, 0.0);
}

INSTANTIATE_TEST_SUITE_P(Shapes, RngGamma, testing::Values(0.05, 0.5, 1.0, 2.5, 100.0));

TEST(Rng, GammaOfShapeOneIsExponential) {
  // P(x > 1) = 1 / e = 0.3679; standard error 0.0011.
  Rng rng(24);
  int above_one = 0;
  for (int i = 0; i < kDraws; ++i) above_one += rng.gamma(1.0) > 1.0 ? 1 : 0;
  EXPECT_NEAR(above_one / double{kDraws}, std::exp(-1.0), 0.0055);
}

TEST(Rng, ShuffleIsAPermutation) {
  for (const int size : {0, 1, 2, 17, 1000}) {
    std::vector<int> items(static_cast<std::size_t>(size));
    std::iota(items.begin(), items.end(), 0);
    std::vector<int> shuffled = items;
    Rng(31).shuffle(std::span(shuffled));
    if (size == 1000) {
      EXPECT_NE(shuffled, items);
    }
    std::ranges::sort(shuffled);
    EXPECT_EQ(shuffled, items);
  }
}

TEST(Rng, ShuffleMakesEveryOrderEquallyLikely) {
  // Six orders of three; the well-known faulty swap with any position gives
  // frequencies 4/27 and 5/27. Five degrees of freedom: above 25.7 in one of 10,000.
  Rng rng(32);
  std::map<std::string, int> orders;
  for (int i = 0; i < 60'000; ++i) {
    std::string items = "abc";
    rng.shuffle(std::span(items));
    ++orders[items];
  }
  std::vector<int> counts;
  for (const auto& [order, count] : orders) counts.push_back(count);
  ASSERT_EQ(counts.size(), 6U);
  EXPECT_LT(chi_square(counts, 10'000.0), 25.7);
}

}  // namespace
}  // namespace hearsay

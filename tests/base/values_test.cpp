// The small value types: parameter layout, time, quantities, ranges, digests, checks.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "node/base/check.hpp"
#include "node/base/describe.hpp"
#include "node/base/digest.hpp"
#include "node/base/parameter_layout.hpp"
#include "node/base/quantity.hpp"
#include "node/base/time.hpp"

namespace hearsay {
namespace {

TEST(ParameterLayout, PlacesTensorsOneBehindTheOther) {
  ParameterLayout layout;
  EXPECT_EQ(layout.size(), 0U);
  layout.add("conv.weight", {6, 1, 5, 5}, TensorKind::kWeight);
  layout.add("conv.bias", {6}, TensorKind::kBias);
  layout.add("scalar", {}, TensorKind::kStatistic);
  const std::vector<TensorSlot> expected = {
      {"conv.weight", {6, 1, 5, 5}, TensorKind::kWeight, 0, 150},
      {"conv.bias", {6}, TensorKind::kBias, 150, 6},
      {"scalar", {}, TensorKind::kStatistic, 156, 1},
  };
  EXPECT_EQ(layout.tensors(), expected);
  EXPECT_EQ(layout.size(), 157U);
}

TEST(ParameterLayout, IsEqualOnlyIfNamesShapesAndKindsAre) {
  const auto layout = [](const char* name, std::vector<std::int64_t> shape, TensorKind kind) {
    ParameterLayout result;
    result.add(name, std::move(shape), kind);
    return result;
  };
  const ParameterLayout base = layout("a", {2, 3}, TensorKind::kWeight);
  EXPECT_EQ(base, layout("a", {2, 3}, TensorKind::kWeight));
  EXPECT_NE(base, layout("b", {2, 3}, TensorKind::kWeight));
  EXPECT_NE(base, layout("a", {3, 2}, TensorKind::kWeight));
  EXPECT_NE(base, layout("a", {2, 3}, TensorKind::kNorm));
}

TEST(ParameterLayoutDeathTest, RefusesEmptyTensors) {
  ParameterLayout layout;
  EXPECT_DEATH(layout.add("a", {3, 0}, TensorKind::kWeight), "extent >= 1");
  EXPECT_DEATH(layout.add("a", {-1}, TensorKind::kWeight), "extent >= 1");
}

TEST(SimTime, RoundsSecondsToTheNearestNanosecond) {
  EXPECT_EQ(SimTime::from_seconds(1.5).nanoseconds, 1'500'000'000);
  EXPECT_EQ(SimTime::from_seconds(0.1).nanoseconds, 100'000'000);
  EXPECT_EQ(SimTime::from_seconds(1.4e-9).nanoseconds, 1);
  EXPECT_EQ(SimTime::from_seconds(1.6e-9).nanoseconds, 2);
  EXPECT_EQ(SimTime::from_seconds(-1.6e-9).nanoseconds, -2);
  EXPECT_DOUBLE_EQ(SimTime{250'000'000}.seconds(), 0.25);
}

TEST(SimTime, CutsNanosecondsToItsRange) {
  EXPECT_EQ(SimTime::from_nanoseconds(2.9), SimTime{2});
  EXPECT_EQ(SimTime::from_nanoseconds(-2.9), SimTime{-2});
  // The last double below 2^63 is 2^63 - 2^10.
  EXPECT_EQ(SimTime::from_nanoseconds(std::nextafter(0x1.0p63, 0.0)),
            SimTime{std::numeric_limits<std::int64_t>::max() - 1023});
  EXPECT_EQ(SimTime::from_nanoseconds(0x1.0p63), SimTime::max());
  EXPECT_EQ(SimTime::from_nanoseconds(std::numeric_limits<double>::infinity()), SimTime::max());
  EXPECT_EQ(SimTime::from_nanoseconds(std::nan("")), SimTime::max());
}

TEST(SimTime, SaturatingSumsEndAtNever) {
  const SimTime last{SimTime::max().nanoseconds - 1};
  EXPECT_EQ(add_saturating({3}, {4}), SimTime{7});
  EXPECT_EQ(add_saturating({-3}, {4}), SimTime{1});
  EXPECT_EQ(add_saturating(last, {1}), SimTime::max());
  EXPECT_EQ(add_saturating(last, {2}), SimTime::max());
  EXPECT_EQ(add_saturating(SimTime::max(), SimTime::max()), SimTime::max());
}

TEST(SimTime, AddsSubtractsScalesAndCompares) {
  constexpr SimTime two{2};
  constexpr SimTime five{5};
  EXPECT_EQ(two + five, SimTime{7});
  EXPECT_EQ(two - five, SimTime{-3});
  EXPECT_EQ(five * 4, SimTime{20});
  EXPECT_LT(two, five);
  EXPECT_GT(SimTime::max(), five);
}

TEST(SimTime, SumsDoNotDependOnTheirOrder) {
  const SimTime tiny{1};
  const SimTime century = SimTime::from_seconds(3.15e9);
  EXPECT_EQ((century + tiny) - century, tiny);
}

TEST(Quantity, DefaultsMeanNothingAllAndUnlimited) {
  EXPECT_EQ(Fraction{}.value, 0.0);
  EXPECT_TRUE(Count{}.is_all());
  EXPECT_FALSE(Count{500}.is_all());
  EXPECT_TRUE(Bandwidth{}.is_unlimited());
  EXPECT_FALSE(Bandwidth{1e7}.is_unlimited());
}

TEST(Range, KnowsOpenAndClosedEnds) {
  EXPECT_TRUE(at_least(1).contains(1.0));
  EXPECT_FALSE(at_least(1).contains(0.999));
  EXPECT_FALSE(above(0).contains(0.0));
  EXPECT_TRUE(above(0).contains(1e-300));
  EXPECT_TRUE(between(0, 1).contains(1.0));
  EXPECT_FALSE(between(0, 1).contains(1.001));
  EXPECT_TRUE(from_below(0, 1).contains(0.0));
  EXPECT_FALSE(from_below(0, 1).contains(1.0));
}

TEST(Range, ContainsNoNan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Range range : {at_least(1), above(0), between(0, 1), from_below(0, 1), Range{}}) {
    EXPECT_FALSE(range.contains(nan));
  }
}

TEST(Digest, IsXxh3) {
  // Published check value of XXH3-64 for no input and seed 0.
  EXPECT_EQ(digest_text(""), 0x2d06800538d394c2U);
}

TEST(Digest, OfTextIsThatOfItsBytes) {
  const std::string_view text = "hearsay";
  EXPECT_EQ(digest_text(text), digest_bytes(std::as_bytes(std::span(text))));
  EXPECT_NE(digest_text(text), digest_text("Hearsay"));
  EXPECT_NE(digest_text(text, 1), digest_text(text, 2));
}

TEST(Digest, ChainsDependOnTheOrder) {
  EXPECT_NE(chain(chain(0, 1), 2), chain(chain(0, 2), 1));
  EXPECT_NE(chain(0, 1), chain(1, 1));
}

TEST(Digest, HexHasSixteenLowerCaseDigits) {
  EXPECT_EQ(to_hex(0), "0000000000000000");
  EXPECT_EQ(to_hex(0xABC), "0000000000000abc");
  EXPECT_EQ(to_hex(0xFEDCBA9876543210), "fedcba9876543210");
}

TEST(CheckDeathTest, NamesTheConditionAndThePlace) {
  const int peers = 0;
  EXPECT_DEATH(HEARSAY_CHECK(peers > 0), "values_test.cpp:[0-9]+: check failed: peers > 0");
}

TEST(Check, EvaluatesAConditionThatHoldsOnce) {
  int evaluations = 0;
  HEARSAY_CHECK(++evaluations > 0);
  EXPECT_EQ(evaluations, 1);
}

}  // namespace
}  // namespace hearsay

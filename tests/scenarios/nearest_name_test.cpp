#include "scenarios/nearest_name.hpp"

#include <gtest/gtest.h>

#include <array>

namespace hearsay {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"ring", "star", "random_regular", "torus"};

TEST(NearestName, DistanceCountsEachKindOfEditOnce) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("ring", "ring"), 0U);
  EXPECT_EQ(edit_distance("ring", "rng"), 1U);    // deletion
  EXPECT_EQ(edit_distance("ring", "riing"), 1U);  // insertion
  EXPECT_EQ(edit_distance("ring", "rang"), 1U);   // substitution
  EXPECT_EQ(edit_distance("ring", "rnig"), 1U);   // swap
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  // Swap to AC, insert B between: the restricted distance, which edits no swapped pair
  // again, is 3.
  EXPECT_EQ(edit_distance("CA", "ABC"), 2U);
}

TEST(NearestName, DistanceIsSymmetric) {
  for (const std::string_view a : kNames) {
    for (const std::string_view b : kNames) EXPECT_EQ(edit_distance(a, b), edit_distance(b, a));
  }
}

TEST(NearestName, FindsTheIntendedName) {
  EXPECT_EQ(nearest_name("rign", kNames), "ring");
  EXPECT_EQ(nearest_name("randomregular", kNames), "random_regular");
  EXPECT_EQ(nearest_name("tours", kNames), "torus");
}

TEST(NearestName, FindsNothingFarAway) {
  EXPECT_EQ(nearest_name("hypercube", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("x", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("ring", {}), std::nullopt);
}

TEST(NearestName, SuggestionListsTheValidNames) {
  EXPECT_EQ(suggestion("rign", kNames),
            "did you mean ring? valid: ring, star, random_regular, torus");
  EXPECT_EQ(suggestion("x", kNames), "valid: ring, star, random_regular, torus");
}

}  // namespace
}  // namespace hearsay

#include "node/protocols/neighborhood.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace hearsay {
namespace {

constexpr std::array<PeerId, 4> kIds{2, 5, 7, 9};
constexpr std::array<double, 4> kWeights{0.1, 0.2, 0.3, 0.15};
constexpr std::array<PeerId, 1> kAbsent{7};

Neighborhood make() {
  return Neighborhood({.self = 4, .neighbors = kIds, .weights = kWeights, .absent = kAbsent});
}

TEST(Neighborhood, FindsNeighborsAndNobodyElse) {
  const Neighborhood neighborhood = make();
  ASSERT_EQ(neighborhood.find(7), 2U);
  EXPECT_EQ(neighborhood.id(2), 7);
  EXPECT_EQ(neighborhood.weight(2), 0.3);
  for (const PeerId stranger : {-1, 0, 4, 6, 10}) EXPECT_FALSE(neighborhood.find(stranger));
}

TEST(Neighborhood, KnowsWhoIsThereFromWhatItHears) {
  Neighborhood neighborhood = make();
  EXPECT_FALSE(neighborhood.is_present(2));
  neighborhood.note({.from = 7, .kind = MessageKind::kHello, .model = {}}, 2);
  EXPECT_TRUE(neighborhood.is_present(2));
  neighborhood.note({.from = 7, .kind = MessageKind::kGoodbye, .model = {}}, 2);
  EXPECT_FALSE(neighborhood.is_present(2));
}

TEST(Neighborhood, PicksEveryFittingPresentOneAlike) {
  const Neighborhood neighborhood = make();
  Rng rng(3);
  std::map<std::size_t, int> picks;
  constexpr int kDraws = 1'000;
  for (int k = 0; k < kDraws; ++k) {
    ++picks[*neighborhood.pick(rng, [](std::size_t position) { return position != 1; })];
  }
  ASSERT_EQ(picks.size(), 2U);
  // Binomial(1000, 1/2): standard deviation 16.
  EXPECT_NEAR(picks[0], kDraws / 2, 80);
  EXPECT_NEAR(picks[3], kDraws / 2, 80);
  EXPECT_FALSE(neighborhood.pick(rng, [](std::size_t position) { return position == 2; }));
}

TEST(Neighborhood, SaysHelloToAllAndGoodbyeToThosePresent) {
  const Neighborhood neighborhood = make();
  Effects effects;
  neighborhood.say_hello(effects);
  EXPECT_EQ(effects.sends.size(), 4U);
  effects = {};
  neighborhood.say_goodbye(effects);
  ASSERT_EQ(effects.sends.size(), 3U);
  EXPECT_EQ(effects.sends[2].to, 9);
}

}  // namespace
}  // namespace hearsay

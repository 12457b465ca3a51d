#include "scenarios/adversaries.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "node/base/error.hpp"
#include "scenarios/loader.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

constexpr std::string_view kStart = R"(name: attacked
peers: 12
model: {kind: logistic}
data: {kind: gaussian_mixture}
adversaries:
)";

std::string error_of(std::string_view items) {
  try {
    parse_scenario(std::string(kStart) + std::string(items), "a.yaml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

PeerSelector random_peers(std::int64_t count) {
  return {.kind = PeerSelector::Kind::kRandom, .amount = count};
}

PeerSelector listed_peers(PeerId first, PeerId last) {
  return {.kind = PeerSelector::Kind::kList, .ids = {{first, last}}};
}

TEST(Adversaries, AreReadFromAScenario) {
  const Scenario scenario = parse_scenario(
      std::string(kStart) +
          "- {peers: [0, 3], attack: {kind: sign_flip, scale: 2, space: model}, from: 10s,\n"
          "   until: 20s, knowledge: self, collusion: false}\n"
          "- {peers: {random: 2}, attack: {kind: label_flip, share: 50%}, at_most: 1}\n",
      "a.yaml");
  ASSERT_EQ(scenario.adversaries.size(), 2U);
  const AdversaryOptions& flip = scenario.adversaries[0];
  EXPECT_EQ(flip.attack.kind, AttackKind(SignFlipOptions{.scale = 2.0}));
  EXPECT_EQ(flip.attack.space, SpaceChoice::kModel);
  EXPECT_EQ(flip.from, SimTime{10'000'000'000});
  EXPECT_EQ(flip.until, SimTime{20'000'000'000});
  EXPECT_EQ(flip.knowledge, Knowledge::kSelf);
  EXPECT_FALSE(flip.collusion);
  EXPECT_EQ(scenario.adversaries[1].at_most, 1);
}

TEST(Adversaries, NeedAStrength) {
  EXPECT_NE(error_of("- {peers: [0], attack: {kind: sign_flip}}\n").find("attack.scale: missing"),
            std::string::npos);
}

TEST(Adversaries, ThatCannotBeAreNamedWithTheirPlace) {
  EXPECT_EQ(error_of("- {peers: [12], attack: {kind: sign_flip, scale: 1}}\n").substr(0, 38),
            "a.yaml:6:4: adversaries[0].peers: ther");
  EXPECT_EQ(error_of("- {peers: [1], attack: {kind: sign_flip, scale: 1}}\n"
                     "- {peers: [2], attack: {kind: sign_flip, scale: 1}, from: 2s, until: 2s}\n"),
            "a.yaml:7:63: adversaries[1].until: must be later than `from`");
  EXPECT_EQ(error_of("- {peers: [2], attack: {kind: label_flip, share: 1}, from: 2s}\n"),
            "a.yaml:6:54: adversaries[0].from: data are poisoned throughout; leave it out");
}

TEST(Adversaries, WhoGoByTheirReceiversMustKnowThem) {
  constexpr std::string_view kItem = "- {peers: [1], attack: {kind: dissensus, epsilon: 1}";
  EXPECT_EQ(error_of(std::string(kItem) + "}\n"), "");
  EXPECT_NE(error_of(std::string(kItem) + ", knowledge: self}\n")
                .find("adversaries[0].knowledge: self is too little"),
            std::string::npos);
}

class Placement : public testing::Test {
 protected:
  Adversaries place(const std::vector<AdversaryOptions>& items, std::uint64_t seed = 1) const {
    return make_adversaries(items, mixing_, {.graph = graph_, .rng = Rng(seed)});
  }

  Graph graph_ = make_chosen(RingOptions{}, 12, Rng(1));
  MixingMatrix mixing_ = MixingMatrix::uniform(graph_);
};

TEST_F(Placement, KeepsNeighborhoodsBelowTheBound) {
  std::vector<std::vector<PeerId>> drawn;
  int crowded = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Adversaries bounded = place({{.peers = random_peers(4), .at_most = 1}}, seed);
    EXPECT_EQ(bounded.peers().size(), 4U);
    EXPECT_LE(bounded.most_attacking_neighbors(), 1);
    drawn.push_back(bounded.peers());
    crowded += place({{.peers = random_peers(4)}}, seed).most_attacking_neighbors() == 2 ? 1 : 0;
  }
  EXPECT_GT(crowded, 0);  // Without the bound it happens.
  std::ranges::sort(drawn);
  EXPECT_GT(std::ranges::unique(drawn).begin() - drawn.begin(), 3);
}

TEST_F(Placement, PutsNobodyIntoTwoItems) {
  const Adversaries both = place({{.peers = random_peers(5)}, {.peers = random_peers(5)}});
  EXPECT_EQ(both.peers().size(), 10U);
  EXPECT_THROW(place({{.peers = listed_peers(0, 3)}, {.peers = listed_peers(3, 4)}}), UserError);
}

TEST_F(Placement, FailsWithTheReason) {
  try {
    place({{.peers = listed_peers(3, 3)}, {.peers = listed_peers(5, 5), .at_most = 1}});
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(),
                 "adversaries[1].peers: honest peer 4 has 2 attacking neighbors, more than "
                 "at_most 1");
  }
  EXPECT_THROW(place({{.peers = listed_peers(0, 11)}}), UserError);
}

TEST_F(Placement, PoisonsTheLabelsOfAttackersOnly) {
  const std::vector<AdversaryOptions> items{
      {.peers = listed_peers(1, 1), .attack = {.kind = LabelFlipOptions{.share = {1.0}}}},
      {.peers = listed_peers(2, 2), .attack = {.kind = LabelFlipOptions{.share = {0.5}}}},
      {.peers = listed_peers(3, 3), .attack = {.kind = SignFlipOptions{}}}};
  DataSet data{.sample_shape = {1}, .num_classes = 10, .features = std::vector<float>(48)};
  for (int i = 0; i < 48; ++i) data.labels.push_back(static_cast<std::uint8_t>(i % 4));
  Partition partition(12);
  for (std::uint32_t i = 0; i < 48; ++i) partition[i / 4].push_back(i);
  const auto original = std::make_shared<const DataSet>(data);
  const auto changed = poisoned(original, partition, items, place(items), Rng(1));
  int half = 0;
  for (std::size_t i = 0; i < 48; ++i) {
    const int before = original->labels[i];
    const int after = changed->labels[i];
    if (i / 4 == 1) {
      EXPECT_EQ(after, 9 - before);
    } else if (i / 4 == 2) {
      half += after == 9 - before ? 1 : 0;
    } else {
      EXPECT_EQ(after, before);
    }
  }
  EXPECT_EQ(half, 2);
  EXPECT_EQ(flipped({.to = LabelFlipOptions::Target::kNext}, 3, 10), 4);
  EXPECT_EQ(flipped({.to = LabelFlipOptions::Target::kNext}, 9, 10), 0);
  const std::vector<AdversaryOptions> harmless{items[2]};
  EXPECT_EQ(poisoned(original, partition, harmless, place(harmless), Rng(1)), original);
}

}  // namespace
}  // namespace hearsay

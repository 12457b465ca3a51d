// What attacks send that go by what they know of honest peers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "aggregators/attacks/attacks.hpp"

namespace hearsay {
namespace {

using Vector = std::vector<float>;

/// What the attacker itself would send is far from all.
Vector craft(const AttackKind& kind, const std::vector<Vector>& honest, std::uint64_t seed = 1,
             const std::vector<PeerId>& peers = {1, 3, 4}) {
  const std::size_t size = honest[0].size();
  ParameterLayout layout;
  layout.add("x", {static_cast<std::int64_t>(size)}, TensorKind::kWeight);
  std::vector<KnownModel> known;
  for (std::size_t i = 0; i < honest.size(); ++i) known.push_back({peers[i], honest[i]});
  const Vector own(size, 1000.0F);
  Vector result(size);
  make_chosen(AttackOptions{.kind = kind})
      ->craft({.own = own, .honest = known},
              {.layout = layout, .attacker = 2, .rng = Rng(seed), .peers = 5, .attackers = 2},
              result);
  return result;
}

// Mean (3, 1), sample deviation (2, 3); over n instead of n - 1 it would be (1.633, 2.449).
const std::vector<Vector> kHonest{{1, -2}, {3, 1}, {5, 4}};

TEST(Alie, IsTheMeanAndZSampleDeviations) {
  EXPECT_EQ(craft(AlieOptions{.z = 1.5}, kHonest), (Vector{6, 5.5F}));
  EXPECT_EQ(craft(AlieOptions{.z = -1.0}, kHonest), (Vector{1, -2}));
}

TEST(Alie, OfASingleKnownPeerIsThatPeersModel) {
  EXPECT_EQ(craft(AlieOptions{.z = 1.5}, {{7, -1}}), (Vector{7, -1}));
}

TEST(Ipm, IsTheMeanReversed) {
  EXPECT_EQ(craft(IpmOptions{.epsilon = 0.5}, kHonest), (Vector{-1.5F, -0.5F}));
}

TEST(Ipm, OfHonestOverAttackersMakesAllSumToZero) {
  // Three honest peers, two attackers: (9, 3) + 2 * -1.5 (3, 1) = 0.
  EXPECT_EQ(craft(IpmOptions{.epsilon = 1.5}, kHonest), (Vector{-4.5F, -1.5F}));
}

Vector dissensus(double epsilon, const Vector& own, const std::vector<VictimNeighbor>& neighbors,
                 double attacking_weight) {
  const Victim victim{
      .peer = 0, .values = own, .honest = neighbors, .attacking_weight = attacking_weight};
  const std::vector<KnownModel> known{{0, own}};
  const ParameterLayout layout;
  const std::unique_ptr<Attack> attack = make_attack(DissensusOptions{.epsilon = epsilon});
  EXPECT_TRUE(attack->per_receiver());
  Vector result(own.size());
  attack->craft({.own = own, .honest = known, .victim = &victim}, {.layout = layout}, result);
  return result;
}

TEST(Dissensus, PushesAgainstTheHonestNeighborsPull) {
  // Pull 0.25 (3 - 1) + 0.1 (-1 - 1) = 0.3, over 0.4: 0.75; 1 - 2 * 0.75 = -0.5.
  const Vector a{3};
  const Vector b{-1};
  const std::vector<VictimNeighbor> neighbors{{1, 0.25, a}, {2, 0.1, b}};
  EXPECT_FLOAT_EQ(dissensus(2.0, {1}, neighbors, 0.4)[0], -0.5F);
}

TEST(Dissensus, WithEpsilonOneIsolatesTheVictim) {
  const Vector own{1, 2};
  const Vector a{3, -4};
  const Vector b{-1, 7};
  const std::vector<VictimNeighbor> neighbors{{1, 0.25, a}, {2, 0.1, b}};
  const Vector sent = dissensus(1.0, own, neighbors, 0.4);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(0.25F * own[i] + 0.25F * a[i] + 0.1F * b[i] + 0.4F * sent[i], own[i], 1e-6);
  }
}

TEST(Mimic, CopiesThePeerOrTheNextOneKnown) {
  EXPECT_EQ(craft(MimicOptions{.peer = 4}, kHonest), (Vector{5, 4}));
  EXPECT_EQ(craft(MimicOptions{.peer = 2}, kHonest), (Vector{3, 1}));
  EXPECT_EQ(craft(MimicOptions{.peer = 9}, kHonest), (Vector{1, -2}));
}

TEST(MinMax, GoesToTheLargestHonestDistance) {
  // Mean 3, largest distance 7 - 0: no farther than that from 7 is 0. In updates halved, as in
  // deviations, the end is the same.
  for (const Perturbation p : {Perturbation::kUnit, Perturbation::kStd, Perturbation::kSign}) {
    EXPECT_NEAR(craft(MinMaxOptions{.perturbation = p}, {{0}, {2}, {7}})[0], 0.0, 1e-5);
  }
}

TEST(MinSum, GoesToTheLargestHonestSumOfSquares) {
  // Sums of squares: 0: 4 + 49 = 53, 2: 4 + 25 = 29, 7: 49 + 25 = 74. m^2 + (m - 2)^2 +
  // (m - 7)^2 <= 74 is m^2 - 6 m - 7 <= 0: down to m = -1. With the least sum, 29, it would be 2.
  for (const Perturbation p : {Perturbation::kUnit, Perturbation::kStd, Perturbation::kSign}) {
    EXPECT_NEAR(craft(MinSumOptions{.perturbation = p}, {{0}, {2}, {7}})[0], -1.0, 1e-5);
  }
}

double square_distance(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

TEST(MinMax, LeavesTheMeanAlongThePerturbationUpToTheBound) {
  // Mean (3, 1), deviation (2, 3), |mean| = sqrt(10).
  const auto expect_direction = [](Perturbation kind, double x, double y) {
    const Vector sent = craft(MinMaxOptions{.perturbation = kind}, kHonest);
    EXPECT_NEAR((sent[0] - 3.0) * y, (sent[1] - 1.0) * x, 1e-5);
    EXPECT_LT((sent[0] - 3.0) * x, 0.0);
    double farthest = 0.0;
    for (const Vector& model : kHonest) farthest = std::max(farthest, square_distance(sent, model));
    // The largest honest distance is that of (1, -2) and (5, 4): 16 + 36.
    EXPECT_NEAR(farthest, 52.0, 1e-4);
  };
  expect_direction(Perturbation::kUnit, 3.0, 1.0);
  expect_direction(Perturbation::kStd, 2.0, 3.0);
  expect_direction(Perturbation::kSign, 1.0, 1.0);
}

TEST(MinMax, StaysAtTheMeanWhereThereIsNoDirection) {
  const std::vector<Vector> equal{{2, 0}, {2, 0}, {2, 0}};
  EXPECT_EQ(craft(MinMaxOptions{.perturbation = Perturbation::kStd}, equal), (Vector{2, 0}));
  EXPECT_EQ(craft(MinSumOptions{.perturbation = Perturbation::kUnit}, {{0, 0}}), (Vector{0, 0}));
}

TEST(FangTrimmedMean, DrawsBeyondTheExtremeAgainstTheMeansSign) {
  // By entry: mean > 0 with least 1 and -1: [0.5, 1], [-2, -1]; mean < 0 with largest 1 and -1:
  // [1, 2], [-1, -0.5].
  const std::vector<Vector> honest{{1, -1, -3, -3}, {2, 2, -2, -2}, {3, 3, 1, -1}};
  const Vector low{0.5F, -2, 1, -1};
  const Vector high{1, -1, 2, -0.5F};
  Vector least = high;
  Vector most = low;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Vector sent = craft(FangTrimmedMeanOptions{.b = 2.0}, honest, seed);
    for (std::size_t i = 0; i < 4; ++i) {
      ASSERT_GE(sent[i], low[i]);
      ASSERT_LE(sent[i], high[i]);
      least[i] = std::min(least[i], sent[i]);
      most[i] = std::max(most[i], sent[i]);
    }
  }
  // 200 uniform draws leave a tenth of the interval empty at an end once in 1e9 times.
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_LT(least[i], low[i] + 0.1F * (high[i] - low[i]));
    EXPECT_GT(most[i], high[i] - 0.1F * (high[i] - low[i]));
  }
}

/// A public implementation's attack of this name and strength.
AttackKind golden_attack(const std::string& kind, double strength) {
  if (kind == "ipm") return IpmOptions{.epsilon = strength};
  if (kind == "alie") return AlieOptions{.z = strength};
  return MimicOptions{.peer = static_cast<int>(strength)};
}

TEST(CraftedAttacks, AgreeWithAPublicImplementation) {
  std::ifstream file(HEARSAY_SOURCE_DIR "/tests/golden/byzfl_attacks.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  for (const auto& [name, given] : golden.at("cases").items()) {
    const auto honest = given.at("honest").get<std::vector<Vector>>();
    for (const nlohmann::json& attack : given.at("attacks")) {
      const std::string kind = attack.at("kind");
      const auto expected = attack.at("result").get<Vector>();
      std::vector<PeerId> peers(honest.size());
      std::iota(peers.begin(), peers.end(), 0);
      const Vector sent = craft(golden_attack(kind, attack.at("strength")), honest, 1, peers);
      for (std::size_t i = 0; i < sent.size(); ++i) {
        EXPECT_NEAR(sent[i], expected[i], 1e-5) << name << " " << kind << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace hearsay

// Checks the contract written in aggregators/attacks/attack.hpp for every attack, and what the
// single ones send.

#include "aggregators/attacks/attack.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aggregators/attacks/attacks.hpp"
#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

using Vector = std::vector<float>;

Vector random_vector(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  Vector values(size);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

/// Crafts against a victim with two honest neighbors, of whom the attacker knows, as of the
/// victim itself.
Vector craft(const AttackKind& kind, const Vector& own, std::uint64_t seed = 42) {
  const std::unique_ptr<Attack> attack = make_chosen(AttackOptions{.kind = kind});
  ParameterLayout layout;
  layout.add("x", {static_cast<std::int64_t>(own.size())}, TensorKind::kWeight);
  std::vector<Vector> models;
  for (std::uint64_t peer = 1; peer <= 3; ++peer) {
    models.push_back(random_vector(own.size(), 100 + peer));
  }
  const std::vector<KnownModel> honest{{1, models[0]}, {2, models[1]}, {3, models[2]}};
  const std::vector<VictimNeighbor> neighbors{{2, 0.25, models[1]}, {3, 0.25, models[2]}};
  const Victim victim{
      .peer = 1, .values = models[0], .honest = neighbors, .attacking_weight = 0.25};
  // A guard behind the result shows that nothing else is written.
  Vector result(own.size() + 1, std::numeric_limits<float>::quiet_NaN());
  attack->craft(
      {.own = own, .honest = honest, .victim = &victim},
      {.layout = layout, .attacker = 7, .round = 3, .rng = Rng(seed), .peers = 8, .attackers = 2},
      std::span(result).first(own.size()));
  EXPECT_TRUE(std::isnan(result.back()));
  result.pop_back();
  return result;
}

class AttackContract : public testing::TestWithParam<AttackKind> {};

TEST_P(AttackContract, WritesFiniteNumbersOnly) {
  for (const float value : craft(GetParam(), random_vector(50, 1))) {
    EXPECT_TRUE(std::isfinite(value));
  }
}

TEST_P(AttackContract, SameInputsGiveTheSameBits) {
  const Vector own = random_vector(50, 1);
  EXPECT_EQ(craft(GetParam(), own), craft(GetParam(), own));
}

TEST_P(AttackContract, ChangesWhatIsSent) {
  const Vector own = random_vector(50, 1);
  EXPECT_NE(craft(GetParam(), own), own);
}

/// Every attack that acts on messages, with the strength that its options happen to hold.
template <std::size_t... Index>
std::vector<AttackKind> every_attack(std::index_sequence<Index...>) {
  std::vector<AttackKind> kinds;
  const auto add = [&kinds](const AttackKind& kind) {
    if (make_chosen(AttackOptions{.kind = kind}) != nullptr) kinds.push_back(kind);
  };
  (add(AttackKind(std::in_place_index<Index>)), ...);
  return kinds;
}

std::string name_of(const AttackKind& kind) {
  return std::visit([](const auto& chosen) { return std::string(chosen.kKind); }, kind);
}

INSTANTIATE_TEST_SUITE_P(
    EveryAttack, AttackContract,
    testing::ValuesIn(every_attack(std::make_index_sequence<std::variant_size_v<AttackKind>>())),
    [](const auto& tested) { return name_of(tested.param); });

TEST(SignFlip, ReversesAndScalesWhatWouldHaveBeenSent) {
  // -3 (1, -2, 0.5) = (-3, 6, -1.5); an attack on the others' mean would give something else.
  EXPECT_EQ(craft(SignFlipOptions{.scale = 3.0}, {1.0F, -2.0F, 0.5F}), (Vector{-3, 6, -1.5F}));
}

TEST(Gaussian, HasTheMeanAndDeviationAskedFor) {
  const Vector noise = craft(GaussianOptions{.mean = 2.0, .deviation = 0.5}, Vector(100'000));
  const Moments found = moments(noise);
  // Standard errors: 0.5 / sqrt(1e5) = 0.0016 of the mean, 0.25 sqrt(2 / 1e5) = 0.0011 of the
  // variance; the bounds are five of these.
  EXPECT_NEAR(found.mean, 2.0, 0.008);
  EXPECT_NEAR(found.variance, 0.25, 0.0056);
}

TEST(Gaussian, DrawsOtherNumbersFromOtherStreams) {
  const GaussianOptions options{.deviation = 1.0};
  EXPECT_NE(craft(options, Vector(5), 1), craft(options, Vector(5), 2));
}

TEST(AttackSpace, IsTheAttacksOwnUnlessTheScenarioSaysOtherwise) {
  EXPECT_EQ(space_of(AttackOptions{.kind = SignFlipOptions{}}), Space::kUpdate);
  EXPECT_EQ(space_of(AttackOptions{.kind = SignFlipOptions{}, .space = SpaceChoice::kModel}),
            Space::kModel);
  EXPECT_EQ(space_of(AttackOptions{.kind = LabelFlipOptions{}}), Space::kModel);
}

}  // namespace
}  // namespace hearsay

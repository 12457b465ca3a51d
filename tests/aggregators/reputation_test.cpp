#include "aggregators/reputation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "aggregators/clipped_gossip.hpp"
#include "node/base/archive.hpp"
#include "tests/support/neighborhood_case.hpp"

namespace hearsay {
namespace {

using Quality = ReputationOptions::Quality;
using Trust = ReputationOptions::Trust;

/// One peer's aggregations in turn.
class Remembering {
 public:
  explicit Remembering(const ReputationOptions& options)
      : rule_(make_aggregator(options)), state_(rule_->make_state()) {}

  RuleOutcome next(NeighborhoodCase input) {
    input.state = state_.get();
    return run_rule(*rule_, input);
  }

  AggregatorState& state() { return *state_; }

 private:
  std::unique_ptr<Aggregator> rule_;
  std::unique_ptr<AggregatorState> state_;
};

// Distances 1, 3, 3, 99 from the own model; the equal ones share a rank.
NeighborhoodCase ranked() { return evenly({1}, {{0}, {4}, {-2}, {100}}); }

TEST(Reputation, RanksNeighborsByDistance) {
  // Worth 1, 1 - 1/3, 1 - 1/3, 0; scores 0.5 * 0.5 + 0.5 q: 0.75, 0.583333 twice, 0.25, in all
  // 2.166667; the weights 0.2 become 0.8 of their shares.
  Remembering peer({.memory = 0.5});
  const RuleOutcome outcome = peer.next(ranked());
  EXPECT_NEAR(outcome.influence[0], 0.8 * 0.75 / 2.1666667, 1e-7);
  EXPECT_NEAR(outcome.influence[1], 0.8 * 0.5833333 / 2.1666667, 1e-7);
  EXPECT_EQ(outcome.influence[1], outcome.influence[2]);
  EXPECT_NEAR(outcome.influence[3], 0.8 * 0.25 / 2.1666667, 1e-7);
}

TEST(Reputation, RemembersFormerRounds) {
  // Far twice, then alone near: 0.5 -> 0.25 -> 0.125 -> 0.5625; the other 0.5 -> 0.75 -> 0.875
  // -> 0.4375. After two rounds 0.125 : 0.875, after the third 0.5625 : 0.4375.
  Remembering peer({.memory = 0.5});
  const auto far = evenly({0}, {{9}, {1}});
  peer.next(far);
  const RuleOutcome second = peer.next(far);
  EXPECT_NEAR(second.influence[0], 2.0 / 3.0 * 0.125, 1e-12);
  EXPECT_NEAR(second.influence[1], 2.0 / 3.0 * 0.875, 1e-12);
  const RuleOutcome third = peer.next(evenly({0}, {{1}, {9}}));
  EXPECT_NEAR(third.influence[0], 2.0 / 3.0 * 0.5625, 1e-12);
}

TEST(Reputation, ExponentSharpensTrust) {
  // Scores 0.25 and 0.75, squared 1 : 9.
  Remembering peer({.memory = 0.5, .exponent = 2.0});
  const RuleOutcome outcome = peer.next(evenly({0}, {{9}, {1}}));
  EXPECT_NEAR(outcome.influence[0], 2.0 / 3.0 * 0.1, 1e-12);
}

TEST(Reputation, WithoutExponentIsClippedGossipBitForBit) {
  Rng rng(1);
  for (int round = 0; round < 50; ++round) {
    const NeighborhoodCase input = random_case(rng, 20, 100);
    Remembering peer({.exponent = 0.0, .own_weight = 0.0, .tau = 3.0});
    const auto clipped = make_aggregator(ClippedGossipOptions{.radius = FixedRadius{.tau = 3.0}});
    EXPECT_EQ(peer.next(input).result, run_rule(*clipped, input).result);
  }
}

TEST(Reputation, KeepsTheLeastOwnWeight) {
  // Two neighbors with weight 0.45 each leave 0.1; with 0.4 asked for they get 0.3 each.
  NeighborhoodCase input = evenly({0}, {{1}, {1}});
  for (Heard& heard : input.heard) heard.weight = 0.45;
  Remembering peer({.own_weight = 0.4});
  const RuleOutcome outcome = peer.next(input);
  EXPECT_NEAR(outcome.influence[0], 0.3, 1e-12);
  EXPECT_FLOAT_EQ(outcome.result[0], 0.6F);
}

TEST(Reputation, CosineLooksAtUpdatesFromBeforeTraining) {
  // Own update (1, 0); the others' (2, 2): cos 45 degrees, (-1, 0): 0, (0.5, 0): 1.
  NeighborhoodCase input = evenly({11, 5}, {{12, 7}, {9, 5}, {10.5F, 5}});
  input.previous = {10, 5};
  Remembering peer({.quality = Quality::kCosine, .memory = 0.0});
  const RuleOutcome outcome = peer.next(input);
  const double root = std::sqrt(0.5);
  EXPECT_NEAR(outcome.influence[0], 0.75 * root / (root + 1.0), 1e-7);
  EXPECT_EQ(outcome.influence[1], 0.0);
  EXPECT_NEAR(outcome.influence[2], 0.75 / (root + 1.0), 1e-7);
}

/// Loss x^2 of one-entry models.
class Square final : public ModelOracle {
 public:
  double loss(std::span<const float> model) override {
    return static_cast<double>(model[0]) * model[0];
  }
  std::vector<ClassScore> class_scores(std::span<const float>) override { return {}; }
};

TEST(Reputation, LossLooksAtTheMiddleOfBothModels) {
  // Own loss 4; middles 0 and 3 with losses 0 and 9: gains 4 and -5, over T = 2: sigmoids of 2
  // and -2.5.
  Square oracle;
  NeighborhoodCase input = evenly({2}, {{-2}, {4}});
  input.oracle = &oracle;
  Remembering peer({.quality = Quality::kLoss, .temperature = 2.0, .memory = 0.0});
  const RuleOutcome outcome = peer.next(input);
  const double good = 1.0 / (1.0 + std::exp(-2.0));
  const double bad = 1.0 / (1.0 + std::exp(2.5));
  EXPECT_NEAR(outcome.influence[0], 2.0 / 3.0 * good / (good + bad), 1e-12);
}

TEST(Reputation, BetaTrustCountsGoodAndBad) {
  // After one round r = 1, s = 0 and r = 0, s = 1: trust 2/3 and 1/3. After the same again with
  // memory 0.5: r = 1.5: 2.5 / 3.5 and 1 / 3.5.
  Remembering peer({.trust = Trust::kBeta, .memory = 0.5});
  const auto input = evenly({0}, {{1}, {9}});
  EXPECT_NEAR(peer.next(input).influence[0], 2.0 / 3.0 * 2.0 / 3.0, 1e-12);
  EXPECT_NEAR(peer.next(input).influence[0], 2.0 / 3.0 * 2.5 / 3.5, 1e-12);
}

TEST(Reputation, ScoresBelongToPeersNotToPlaces) {
  // Sender 1 is far in the first round; alone with a newcomer, sender 3, it stays distrusted:
  // 0.25 -> 0.625, newcomer 0.5 -> 0.25, not 0.75 -> ....
  const auto rule = make_aggregator(ReputationOptions{.memory = 0.5});
  const std::unique_ptr<AggregatorState> state = rule->make_state();
  ParameterLayout layout;
  layout.add("x", {1}, TensorKind::kWeight);
  const Rng stream(1);
  const Vector own{0};
  const Vector near{1};
  const Vector far{9};
  AggregationReport report;
  const AggregationContext context{
      .layout = layout, .stream = stream, .state = state.get(), .report = &report};
  Vector result(1);
  const std::vector<ReceivedModel> first{{.sender = 1, .weight = 0.25, .values = far},
                                         {.sender = 2, .weight = 0.25, .values = near}};
  rule->aggregate({.own_weight = 0.5, .own = own, .received = first}, context, result);
  const std::vector<ReceivedModel> second{{.sender = 2, .weight = 0.25, .values = near},
                                          {.sender = 3, .weight = 0.25, .values = far}};
  rule->aggregate({.own_weight = 0.5, .own = own, .received = second}, context, result);
  // Sender 2: 0.75 -> 0.875; sender 3: 0.5 -> 0.25.
  EXPECT_NEAR(report.influence[0], 0.5 * 0.875 / 1.125, 1e-12);
}

TEST(Reputation, StateSurvivesACheckpoint) {
  Remembering peer({.trust = Trust::kBeta});
  Remembering restored({.trust = Trust::kBeta});
  for (int round = 0; round < 3; ++round) peer.next(ranked());
  SavingArchive saving;
  peer.state().persist(saving);
  const Snapshot snapshot = saving.take();
  LoadingArchive loading(snapshot);
  restored.state().persist(loading);
  loading.finish();
  const auto input = evenly({1}, {{9}, {4}, {-2}, {0}});
  EXPECT_EQ(restored.next(input).influence, peer.next(input).influence);
  EXPECT_NE(Remembering({.trust = Trust::kBeta}).next(input).influence, peer.next(input).influence);
}

}  // namespace
}  // namespace hearsay

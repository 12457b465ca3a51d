// What attackers know and send in a simulation. Training adds 2 to a model, and peer p starts
// from p, so that every model can be told by hand.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "aggregators/attacks/attacks.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "tests/runtime/simulation_fixture.hpp"
#include "tests/support/echo_problem.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

SimTime us(std::int64_t value) { return {value * 1'000}; }

/// An attack that a test writes down.
class TestAttack final : public Attack {
 public:
  using Formula = std::function<double(const AttackInput&, const AttackContext&)>;

  explicit TestAttack(Formula formula, bool per_receiver = false)
      : formula_(std::move(formula)), per_receiver_(per_receiver) {}

  void craft(const AttackInput& input, const AttackContext& context,
             std::span<float> result) const override {
    result[0] = static_cast<float>(formula_(input, context));
  }
  bool per_receiver() const override { return per_receiver_; }

 private:
  Formula formula_;
  bool per_receiver_;
};

double mean_of_honest(const AttackInput& input, const AttackContext&) {
  double sum = 0.0;
  for (const KnownModel& known : input.honest) sum += known.values[0];
  return sum / static_cast<double>(input.honest.size());
}

class AdversaryRun : public testing::Test {
 protected:
  SmallOutcome run(AdversaryGroup group, int rounds = 2) {
    std::vector<AdversaryGroup> groups;
    groups.push_back(std::move(group));
    adversaries_ = Adversaries(std::move(groups), mixing_);
    return run_small(problem_, mixing_, {.rounds = rounds, .adversaries = &adversaries_});
  }

  static float model(const SmallOutcome& outcome, int round, PeerId peer) {
    return outcome.models[static_cast<std::size_t>(round - 1)][static_cast<std::size_t>(peer)]
        .values()[0];
  }

  EchoProblem problem_;
  Graph graph_ = make_chosen(CompleteOptions{}, 4, Rng(1));
  MixingMatrix mixing_ = MixingMatrix::uniform(graph_);  // 1/4 for everybody.
  Adversaries adversaries_;
};

TEST_F(AdversaryRun, ReplacesWhatIsSentAndNothingElse) {
  const SmallOutcome outcome = run({.peers = {3},
                                    .attack = make_attack(SignFlipOptions{.scale = 3.0}),
                                    .space = Space::kUpdate});
  // After training: 2, 3, 4 and 5. Peer 3 sends 3 - 3 * 2 = -3.
  EXPECT_FLOAT_EQ(model(outcome, 1, 0), (2 + 3 + 4 - 3) / 4.0F);
  EXPECT_FLOAT_EQ(model(outcome, 1, 2), (2 + 3 + 4 - 3) / 4.0F);
  EXPECT_FLOAT_EQ(model(outcome, 1, 3), (2 + 3 + 4 + 5) / 4.0F);
  // From 1.5 and 3.5: 3.5 after training, and 3.5 - 6 = -2.5 in place of 5.5.
  EXPECT_FLOAT_EQ(model(outcome, 2, 0), (3 * 3.5F - 2.5F) / 4.0F);
}

TEST_F(AdversaryRun, InModelSpaceTurnsTheModelItself) {
  const SmallOutcome outcome =
      run({.peers = {3}, .attack = make_attack(SignFlipOptions{.scale = 3.0})});
  EXPECT_FLOAT_EQ(model(outcome, 1, 0), (2 + 3 + 4 - 15) / 4.0F);
}

TEST_F(AdversaryRun, OmniscientKnowWhatOthersSendAtTheSameInstant) {
  // Peer 0 comes first among events of one time; it still knows 3, 4 and 5 of this round.
  const SmallOutcome outcome =
      run({.peers = {0}, .attack = std::make_unique<TestAttack>(mean_of_honest)});
  EXPECT_FLOAT_EQ(model(outcome, 1, 1), (4 + 3 + 4 + 5) / 4.0F);
}

TEST_F(AdversaryRun, NeighborsKnowWhatWasDeliveredToThem) {
  const SmallOutcome outcome = run({.peers = {0},
                                    .attack = std::make_unique<TestAttack>(mean_of_honest),
                                    .knowledge = Knowledge::kNeighborhood});
  // In the first round nothing has been delivered: its own 2 stands for all. In the second it
  // knows 3, 4 and 5, which were sent in the first.
  EXPECT_FLOAT_EQ(model(outcome, 1, 1), (2 + 3 + 4 + 5) / 4.0F);
  EXPECT_FLOAT_EQ(model(outcome, 2, 1), (4 + 3 * 5.5F) / 4.0F);
}

TEST_F(AdversaryRun, ThoseWhoKnowThemselvesFindTheirOwnModel) {
  const SmallOutcome outcome = run({.peers = {0},
                                    .attack = std::make_unique<TestAttack>(mean_of_honest),
                                    .knowledge = Knowledge::kSelf});
  EXPECT_FLOAT_EQ(model(outcome, 2, 1), model(outcome, 2, 0));
}

TEST_F(AdversaryRun, CanTellReceiversApart) {
  const auto away = [](const AttackInput& input, const AttackContext&) {
    const Victim& victim = *input.victim;
    EXPECT_DOUBLE_EQ(victim.attacking_weight, 0.5);
    EXPECT_EQ(victim.honest.size(), 1U);
    EXPECT_DOUBLE_EQ(victim.honest[0].weight, 0.25);
    return 100.0 * victim.peer + victim.values[0] + 10.0 * victim.honest[0].values[0];
  };
  const SmallOutcome outcome =
      run({.peers = {0, 3}, .attack = std::make_unique<TestAttack>(away, true)}, 1);
  // Victim 1 has 3 and hears 100 + 3 + 10 * 4 = 143 twice, and 4 of peer 2; victim 2 has 4 and
  // hears 200 + 4 + 10 * 3 = 234 twice.
  EXPECT_FLOAT_EQ(model(outcome, 1, 1), (3 + 4 + 2 * 143) / 4.0F);
  EXPECT_FLOAT_EQ(model(outcome, 1, 2), (3 + 4 + 2 * 234) / 4.0F);
  // Attackers send each other what is so.
  EXPECT_FLOAT_EQ(model(outcome, 1, 0), (2 + 3 + 4 + 5) / 4.0F);
}

TEST_F(AdversaryRun, ActBetweenTheirTimesOnly) {
  const auto nonsense = [](const AttackInput&, const AttackContext&) { return 1e6; };
  const SmallOutcome honest = run({.peers = {}, .attack = nullptr}, 3);
  const SimTime second = honest.times[0][0];  // The second round's training begins here.
  const SimTime third = honest.times[1][0];
  const SmallOutcome outcome = run({.peers = {0},
                                    .attack = std::make_unique<TestAttack>(nonsense),
                                    .from = second,
                                    .until = third},
                                   3);
  EXPECT_FLOAT_EQ(model(outcome, 1, 1), model(honest, 1, 1));
  EXPECT_GT(model(outcome, 2, 1), 1e5F);
  EXPECT_LT(model(outcome, 3, 1), model(outcome, 2, 1) + 10.0F);
}

TEST_F(AdversaryRun, ColludersDrawTheSameNumbersAndOthersDoNot) {
  std::vector<double> drawn;
  const auto draw = [&drawn](const AttackInput&, const AttackContext& context) {
    Rng rng = context.rng;
    drawn.push_back(rng.uniform());
    return 0.0;
  };
  run({.peers = {0, 3}, .attack = std::make_unique<TestAttack>(draw)}, 2);
  ASSERT_EQ(drawn.size(), 4U);  // Once per attacker and round: receivers get the same.
  EXPECT_EQ(drawn[0], drawn[1]);
  EXPECT_EQ(drawn[2], drawn[3]);
  EXPECT_NE(drawn[0], drawn[2]);
  drawn.clear();
  run({.peers = {0, 3}, .attack = std::make_unique<TestAttack>(draw), .collusion = false}, 1);
  ASSERT_EQ(drawn.size(), 2U);
  EXPECT_NE(drawn[0], drawn[1]);
}

TEST_F(AdversaryRun, ModelsThatAreNotFiniteAreLeftOutAndCounted) {
  const auto poison = [](const AttackInput&, const AttackContext&) {
    return std::numeric_limits<double>::quiet_NaN();
  };
  const SmallOutcome outcome =
      run({.peers = {3}, .attack = std::make_unique<TestAttack>(poison)}, 1);
  // The missing weight goes to the own model: (2 * 2 + 3 + 4) / 4.
  EXPECT_FLOAT_EQ(model(outcome, 1, 0), 11 / 4.0F);
  EXPECT_EQ(outcome.outcome.totals.models_not_finite, 3);
  ASSERT_EQ(outcome.incidents.size(), 3U);
  EXPECT_EQ(outcome.incidents[0].second.not_finite, std::vector<PeerId>{3});
}

TEST_F(AdversaryRun, InfluenceIsTheShareOfAttacksLetThrough) {
  const SmallOutcome outcome =
      run({.peers = {0, 3}, .attack = make_attack(SignFlipOptions{.scale = 1.0})}, 1);
  // Two honest peers combine two attackers' models each, with weight 1/4 of 4: all of it.
  EXPECT_EQ(outcome.outcome.totals.attacks_combined, 4);
  EXPECT_DOUBLE_EQ(outcome.outcome.totals.attack_influence, 4.0);
  EXPECT_EQ(adversaries_.most_attacking_neighbors(), 2);
}

/// Everything at once: random speeds, crashes of attackers and others, narrow links.
SmallRun busy_run(const Adversaries& adversaries, const ProtocolOptions& protocol) {
  FaultTimelineBuilder builder(16, Rng(9));
  for (PeerId peer = 1; peer < 16; peer += 5) {
    builder.add_down(peer, {us(4'000 + 700 * peer), us(9'000 + 900 * peer)},
                     peer % 2 == 0 ? Departure::kCrash : Departure::kCrashWithStateLoss);
  }
  return {.rounds = 6,
          .network = LinksOptions{.passage = {.latency = {300'000}, .loss = {0.02}},
                                  .links = {.up = {1e6}, .down = {0.7e6}}},
          .compute = LognormalComputeOptions{.sigma = 1.0},
          .protocol = protocol,
          .faults = builder.build(),
          .adversaries = &adversaries};
}

class AdversaryResume : public testing::TestWithParam<ProtocolOptions> {};

TEST_P(AdversaryResume, EqualsTheStraightRun) {
  const EchoProblem problem;
  const Graph graph = make_chosen(RandomRegularOptions{.degree = 4}, 16, Rng(2));
  const MixingMatrix mixing = MixingMatrix::metropolis_hastings(graph);
  const auto away = [](const AttackInput& input, const AttackContext& context) {
    Rng rng = context.rng;
    double sum = rng.normal();
    for (const KnownModel& known : input.honest) sum += known.values[0];
    return sum + (input.victim != nullptr ? input.victim->values[0] : 0.0F);
  };
  std::vector<AdversaryGroup> groups;
  groups.push_back({.peers = {1, 6},
                    .attack = std::make_unique<TestAttack>(away),
                    .space = Space::kUpdate,
                    .knowledge = Knowledge::kNeighborhood});
  groups.push_back({.peers = {3, 9, 10}, .attack = std::make_unique<TestAttack>(away, true)});
  const Adversaries adversaries(std::move(groups), mixing);
  const SmallRun whole = busy_run(adversaries, GetParam());
  const SmallOutcome straight = run_small(problem, mixing, whole);
  for (std::int64_t at = 1; at < straight.outcome.end.nanoseconds / 1000; at += 2'357) {
    SmallRun first = whole;
    first.save_at = us(at);
    first.workers = 2;
    const SmallOutcome part = run_small(problem, mixing, first);
    SmallRun second = whole;
    second.resume_from = &part.saved;
    const SmallOutcome resumed = run_small(problem, mixing, second);
    ASSERT_EQ(resumed.outcome.event_digest, straight.outcome.event_digest) << at;
    ASSERT_EQ(resumed.outcome.model_digest, straight.outcome.model_digest) << at;
    ASSERT_EQ(resumed.outcome.totals.attack_influence, straight.outcome.totals.attack_influence);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Protocols, AdversaryResume,
    testing::Values(ProtocolOptions(DpsgdOptions{.missing = MissingPolicy::kLastModel,
                                                 .timeout = us(9'000)}),
                    ProtocolOptions(AdPsgdOptions{}), ProtocolOptions(GossipOptions{})),
    [](const auto& tested) {
      return std::visit([](const auto& chosen) { return std::string(chosen.kKind); }, tested.param);
    });

}  // namespace
}  // namespace hearsay

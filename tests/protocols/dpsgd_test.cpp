#include "node/protocols/dpsgd.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

// Peer 5 between peers 2 and 9.
class DpsgdPeer : public testing::Test {
 protected:
  static constexpr std::array<PeerId, 2> kNeighbors{2, 9};
  static constexpr std::array<double, 2> kWeights{0.25, 0.5};

  std::unique_ptr<Protocol> make(int rounds, bool keep_previous = false) const {
    return make_protocol(DpsgdOptions{.rounds = rounds}, {.self = 5,
                                                          .neighbors = kNeighbors,
                                                          .weights = kWeights,
                                                          .self_weight = 0.25,
                                                          .keep_previous = keep_previous});
  }

  Reception deliver(PeerId from, int round, float value) {
    return peer_->on_message({.from = from,
                              .to = 5,
                              .kind = MessageKind::kModel,
                              .round = round,
                              .model = model_of(value)},
                             effects_);
  }

  // The effects so far; starts afresh.
  Effects take() { return std::exchange(effects_, {}); }

  std::unique_ptr<Protocol> peer_ = make(2);
  Effects effects_;
};

TEST_F(DpsgdPeer, TrainsFirstAndSendsTheTrainedModelToEveryNeighbor) {
  peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  const Effects started = take();
  ASSERT_TRUE(started.train);
  EXPECT_TRUE(started.sends.empty());
  peer_->on_trained(model_of(7), 0.5, effects_);
  const Effects trained = take();
  ASSERT_EQ(trained.sends.size(), 2U);
  EXPECT_EQ(trained.sends[0].to, 2);
  EXPECT_EQ(trained.sends[1].to, 9);
  EXPECT_EQ(trained.sends[1].round, 0);
  EXPECT_EQ(value_of(trained.sends[1].model), 7);
  EXPECT_FALSE(trained.aggregate);
}

TEST_F(DpsgdPeer, AggregatesWhenTrainedAndAllNeighborsHaveBeenHeard) {
  peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  EXPECT_EQ(deliver(9, 0, 90), Reception::kAccepted);
  EXPECT_EQ(deliver(2, 0, 20), Reception::kAccepted);
  EXPECT_FALSE(effects_.aggregate) << "own training is not done";
  peer_->on_trained(model_of(7), 0.5, effects_);
  const Effects effects = take();
  ASSERT_TRUE(effects.aggregate);
  EXPECT_EQ(value_of(effects.aggregate->own), 7);
  EXPECT_TRUE(effects.aggregate->previous.empty());
  ASSERT_EQ(effects.aggregate->received.size(), 2U);
  EXPECT_EQ(effects.aggregate->received[0].sender, 2);
  EXPECT_EQ(effects.aggregate->received[0].weight, 0.25);
  EXPECT_EQ(value_of(effects.aggregate->received[0].model), 20);
  EXPECT_EQ(value_of(effects.aggregate->received[1].model), 90);
}

TEST_F(DpsgdPeer, KeepsTheModelBeforeTrainingOnlyIfAsked) {
  peer_ = make(2, true);
  peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  peer_->on_trained(model_of(7), 0.5, effects_);
  static_cast<void>(deliver(2, 0, 20));
  static_cast<void>(deliver(9, 0, 90));
  EXPECT_EQ(value_of(take().aggregate->previous), 1);
}

TEST_F(DpsgdPeer, KeepsAMessageOfTheNextRoundForThatRound) {
  peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  peer_->on_trained(model_of(7), 0.5, effects_);
  EXPECT_EQ(deliver(2, 0, 20), Reception::kAccepted);
  EXPECT_EQ(deliver(2, 1, 21), Reception::kAccepted);
  EXPECT_FALSE(effects_.aggregate);
  EXPECT_EQ(deliver(9, 0, 90), Reception::kAccepted);
  EXPECT_EQ(value_of(take().aggregate->received[0].model), 20);
  peer_->on_aggregated(model_of(8), effects_);
  peer_->on_trained(model_of(9), 0.5, effects_);
  EXPECT_FALSE(effects_.aggregate);
  EXPECT_EQ(deliver(9, 1, 91), Reception::kAccepted);
  EXPECT_EQ(value_of(take().aggregate->received[0].model), 21);
}

TEST_F(DpsgdPeer, ReportsEveryRoundAndFinishesAfterTheLast) {
  peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  for (int round = 0; round < 2; ++round) {
    peer_->on_trained(model_of(7), 0.5, effects_);
    static_cast<void>(deliver(2, round, 20));
    static_cast<void>(deliver(9, round, 90));
    take();
    peer_->on_aggregated(model_of(static_cast<float>(100 + round)), effects_);
    const Effects effects = take();
    ASSERT_TRUE(effects.completed);
    EXPECT_EQ(effects.completed->round, round + 1);
    EXPECT_EQ(value_of(effects.completed->model), 100 + round);
    EXPECT_EQ(effects.finished, round == 1);
    EXPECT_EQ(effects.train.has_value(), round == 0);
  }
}

TEST_F(DpsgdPeer, RefusesStrangersRoundsOutOfRangeAndDuplicates) {
  peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  EXPECT_EQ(deliver(3, 0, 30), Reception::kRefused) << "no neighbor";
  EXPECT_EQ(deliver(2, 3, 20), Reception::kRefused) << "beyond the last round";
  EXPECT_EQ(deliver(2, -1, 20), Reception::kRefused) << "before the first round";
  EXPECT_EQ(deliver(2, 0, 20), Reception::kAccepted);
  EXPECT_EQ(deliver(2, 0, 22), Reception::kRefused) << "second of this round";
  EXPECT_EQ(deliver(2, 1, 21), Reception::kAccepted);
  EXPECT_EQ(deliver(2, 1, 23), Reception::kRefused) << "second of the next round";
  peer_->on_trained(model_of(7), 0.5, effects_);
  static_cast<void>(deliver(9, 0, 90));
  EXPECT_EQ(value_of(take().aggregate->received[0].model), 20);
  EXPECT_EQ(deliver(9, 0, 99), Reception::kLate) << "this round's aggregation is under way";
}

TEST_F(DpsgdPeer, NamesTheNeighborsItWaitsFor) {
  peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  EXPECT_TRUE(peer_->waiting_for().empty()) << "its own training comes first";
  static_cast<void>(deliver(2, 0, 20));
  peer_->on_trained(model_of(7), 0.5, effects_);
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{9});
}

// Peers that miss their neighbors, or return to them.
class DpsgdFaults : public DpsgdPeer {
 protected:
  void begin(const DpsgdOptions& options, std::vector<PeerId> absent = {}) {
    peer_ = make_protocol(options, {.self = 5,
                                    .neighbors = kNeighbors,
                                    .weights = kWeights,
                                    .self_weight = 0.25,
                                    .absent = absent});
    peer_->on_start(model_of(1), StartKind::kTogether, effects_);
    take();
  }

  Reception tell(PeerId from, MessageKind kind, int round = 0) {
    return peer_->on_message({.from = from, .to = 5, .kind = kind, .round = round, .model = {}},
                             effects_);
  }

  Effects train() {
    peer_->on_trained(model_of(7), 0.5, effects_);
    return take();
  }

  Effects time_out(std::uint64_t id) {
    peer_->on_timer(id, effects_);
    return take();
  }

  static constexpr DpsgdOptions kDrop{.rounds = 9, .missing = MissingPolicy::kDrop};
};

TEST_F(DpsgdFaults, SetsATimerOnlyIfItWillNotWaitForEver) {
  begin({.rounds = 9});
  EXPECT_TRUE(train().timers.empty());
  begin({.rounds = 9, .missing = MissingPolicy::kDrop, .timeout = {77}});
  const Effects effects = train();
  ASSERT_EQ(effects.timers.size(), 1U);
  EXPECT_EQ(effects.timers[0].delay, SimTime{77});
}

TEST_F(DpsgdFaults, CombinesWithoutTheMissingAndIgnoresItUntilHeard) {
  begin(kDrop);
  const std::uint64_t timer = train().timers.at(0).id;
  static_cast<void>(deliver(2, 0, 20));
  const Effects effects = time_out(timer);
  ASSERT_TRUE(effects.aggregate);
  ASSERT_EQ(effects.aggregate->received.size(), 1U);
  // 0.25 and 0.25 are left of 1, in proportion.
  EXPECT_DOUBLE_EQ(effects.aggregate->received[0].weight, 0.5);
  EXPECT_DOUBLE_EQ(effects.aggregate->own_weight, 0.5);
  peer_->on_aggregated(model_of(8), effects_);
  take();
  EXPECT_TRUE(train().timers.size() == 1);
  static_cast<void>(deliver(2, 1, 21));
  ASSERT_TRUE(take().aggregate) << "9 is not waited for";
  peer_->on_aggregated(model_of(8), effects_);
  EXPECT_EQ(deliver(9, 0, 90), Reception::kLate);
  train();
  static_cast<void>(deliver(2, 2, 22));
  EXPECT_FALSE(take().aggregate) << "9 has been heard";
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{9});
}

TEST_F(DpsgdFaults, IgnoresTimersOfFormerRounds) {
  begin(kDrop);
  const std::uint64_t timer = train().timers.at(0).id;
  static_cast<void>(deliver(2, 0, 20));
  static_cast<void>(deliver(9, 0, 90));
  take();
  EXPECT_FALSE(time_out(timer).aggregate) << "aggregating already";
  peer_->on_aggregated(model_of(8), effects_);
  take();
  train();
  EXPECT_FALSE(time_out(timer).aggregate) << "that was round 0's";
}

TEST_F(DpsgdFaults, KeepsTheWeightOfTheMissingOnItselfIfAsked) {
  begin({.rounds = 9, .missing = MissingPolicy::kDrop, .missing_weight = MissingWeight::kSelf});
  const std::uint64_t timer = train().timers.at(0).id;
  static_cast<void>(deliver(2, 0, 20));
  const Effects effects = time_out(timer);
  EXPECT_DOUBLE_EQ(effects.aggregate->received[0].weight, 0.25);
  EXPECT_DOUBLE_EQ(effects.aggregate->own_weight, 0.75);
}

TEST_F(DpsgdFaults, UsesTheLastModelOfTheMissingIfAsked) {
  begin({.rounds = 9, .missing = MissingPolicy::kLastModel});
  train();
  static_cast<void>(deliver(2, 0, 20));
  static_cast<void>(deliver(9, 0, 90));
  take();
  peer_->on_aggregated(model_of(8), effects_);
  take();
  const std::uint64_t timer = train().timers.at(0).id;
  static_cast<void>(deliver(2, 1, 21));
  const Effects effects = time_out(timer);
  ASSERT_EQ(effects.aggregate->received.size(), 2U);
  EXPECT_EQ(value_of(effects.aggregate->received[1].model), 90);
  EXPECT_EQ(effects.aggregate->received[1].round, 0);
  EXPECT_EQ(effects.aggregate->received[1].weight, 0.5);
}

TEST_F(DpsgdFaults, SkipsToTheNewestRoundItHasHeardOf) {
  begin(kDrop);
  train();
  static_cast<void>(deliver(2, 4, 24));
  static_cast<void>(deliver(9, 0, 90));
  ASSERT_EQ(value_of(take().aggregate->received[0].model), 24) << "a later one stands in";
  peer_->on_aggregated(model_of(8), effects_);
  const Effects effects = take();
  EXPECT_EQ(effects.completed->round, 4);
  train();
  static_cast<void>(deliver(9, 4, 94));
  const Effects again = take();
  ASSERT_TRUE(again.aggregate) << "2's model of round 4 was kept";
  EXPECT_EQ(value_of(again.aggregate->received[0].model), 24);
}

TEST_F(DpsgdFaults, DoesNotWaitForThoseWhoAreAbsentOrSayGoodbye) {
  begin({.rounds = 9}, {9});
  const Effects effects = train();
  ASSERT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(effects.sends[0].to, 2);
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{2});
  EXPECT_EQ(tell(2, MessageKind::kGoodbye), Reception::kAccepted);
  ASSERT_TRUE(effects_.aggregate);
  EXPECT_TRUE(effects_.aggregate->received.empty());
  EXPECT_DOUBLE_EQ(effects_.aggregate->own_weight, 1.0);
}

TEST_F(DpsgdFaults, AnswersAHelloWithItsModelWhileItWaits) {
  begin({.rounds = 9}, {9});
  train();
  EXPECT_EQ(tell(9, MessageKind::kHello), Reception::kAccepted);
  const Effects effects = take();
  ASSERT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(effects.sends[0].to, 9);
  EXPECT_EQ(value_of(effects.sends[0].model), 7);
  EXPECT_EQ(peer_->waiting_for(), (std::vector<PeerId>{2, 9}));
}

TEST_F(DpsgdFaults, AnswersAHelloWithItsFinalModelWhenItHasFinished) {
  for (const bool asked_before : {true, false}) {
    begin({.rounds = 1}, {9});
    train();
    static_cast<void>(deliver(2, 0, 20));
    take();
    if (asked_before) static_cast<void>(tell(9, MessageKind::kHello));
    peer_->on_aggregated(model_of(8), effects_);
    if (!asked_before) static_cast<void>(tell(9, MessageKind::kHello));
    const Effects effects = take();
    ASSERT_EQ(effects.sends.size(), 1U);
    EXPECT_EQ(effects.sends[0].to, 9);
    EXPECT_EQ(effects.sends[0].round, 1);
    EXPECT_EQ(value_of(effects.sends[0].model), 8);
  }
}

TEST_F(DpsgdFaults, SendsItsFinalModelToAllWhenItHasSkippedToTheEnd) {
  begin({.rounds = 3});
  train();
  static_cast<void>(deliver(2, 3, 20));
  static_cast<void>(deliver(9, 0, 90));
  take();
  peer_->on_aggregated(model_of(8), effects_);
  EXPECT_TRUE(effects_.finished);
  ASSERT_EQ(effects_.sends.size(), 2U) << "9 still waits for rounds 1 and 2";
  EXPECT_EQ(effects_.sends[1].to, 9);
  EXPECT_EQ(effects_.sends[1].round, 3);
}

TEST_F(DpsgdFaults, AnswersALateModelOfOneItBelievedGoneOnceItHasFinished) {
  begin({.rounds = 1}, {9});
  train();
  static_cast<void>(deliver(2, 0, 20));
  take();
  peer_->on_aggregated(model_of(8), effects_);
  take();
  EXPECT_EQ(deliver(9, 0, 90), Reception::kLate);
  ASSERT_EQ(effects_.sends.size(), 1U);
  EXPECT_EQ(effects_.sends[0].to, 9);
  take();
  EXPECT_EQ(deliver(9, 0, 91), Reception::kLate);
  EXPECT_TRUE(effects_.sends.empty()) << "once";
}

TEST_F(DpsgdFaults, SaysHelloOnReturningAndForgetsWhatItHadHeard) {
  begin({.rounds = 9});
  train();
  static_cast<void>(deliver(2, 0, 20));
  peer_->on_start(model_of(1), StartKind::kRestarted, effects_);
  const Effects effects = take();
  ASSERT_EQ(effects.sends.size(), 2U);
  EXPECT_EQ(effects.sends[0].kind, MessageKind::kHello);
  EXPECT_EQ(value_of(effects.train->model), 1);
  train();
  EXPECT_EQ(peer_->waiting_for(), (std::vector<PeerId>{2, 9}));
}

TEST_F(DpsgdFaults, SaysHelloAlsoToThoseItBelievesAbsent) {
  begin({.rounds = 9}, {9});
  peer_->on_start(model_of(1), StartKind::kRestarted, effects_);
  ASSERT_EQ(effects_.sends.size(), 2U);
  EXPECT_EQ(effects_.sends[1].to, 9);
}

TEST_F(DpsgdFaults, SaysGoodbyeOnLeaving) {
  begin({.rounds = 9});
  peer_->on_leave(effects_);
  ASSERT_EQ(effects_.sends.size(), 2U);
  EXPECT_EQ(effects_.sends[1].to, 9);
  EXPECT_EQ(effects_.sends[1].kind, MessageKind::kGoodbye);
}

TEST(Dpsgd, APeerWithoutNeighborsTrainsAlone) {
  const std::unique_ptr<Protocol> peer = make_protocol(DpsgdOptions{.rounds = 1}, {.self = 0});
  Effects effects;
  peer->on_start(model_of(1), StartKind::kTogether, effects);
  peer->on_trained(model_of(2), 0.5, effects);
  ASSERT_TRUE(effects.aggregate);
  EXPECT_TRUE(effects.aggregate->received.empty());
}

}  // namespace
}  // namespace hearsay

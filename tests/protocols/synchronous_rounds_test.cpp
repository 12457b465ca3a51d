// What the rounds do where links vary in time, and with letters of two messages. Static graphs
// are the subject of dpsgd_test.

#include "node/protocols/synchronous_rounds.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "node/protocols/dpsgd.hpp"
#include "node/protocols/gradient_tracking.hpp"
#include "tests/protocols/round_driver.hpp"

namespace hearsay {
namespace {

/// Links written down round by round; the last ones hold for ever.
class WrittenLinks final : public LinkSchedule {
 public:
  explicit WrittenLinks(const std::vector<std::vector<std::vector<PeerId>>>& rounds) {
    for (const auto& out : rounds) rounds_.push_back(std::make_shared<RoundLinks>(out));
  }
  std::shared_ptr<const RoundLinks> links(int round) const override {
    return rounds_[std::min(static_cast<std::size_t>(round), rounds_.size() - 1)];
  }

 private:
  std::vector<std::shared_ptr<const RoundLinks>> rounds_;
};

// Peer 0 of four, all neighbors of each other. In round 0 it hears 1 and 2 and sends to 3; in
// round 1 it hears 3 and sends to 1; in round 2 it hears and tells nobody; from round 3 on it
// hears 1 and sends to 2.
class ScheduledPeer : public testing::Test {
 protected:
  static constexpr std::array<PeerId, 3> kNeighbors{1, 2, 3};
  static constexpr std::array<double, 3> kWeights{0.25, 0.25, 0.25};
  static constexpr int kRounds = 9;

  std::unique_ptr<Protocol> make(MissingPolicy missing = MissingPolicy::kWait) const {
    return make_protocol(DpsgdOptions{.rounds = kRounds, .missing = missing},
                         {.self = 0,
                          .neighbors = kNeighbors,
                          .weights = kWeights,
                          .self_weight = 0.25,
                          .schedule = &links_});
  }

  void SetUp() override { begin(MissingPolicy::kWait); }

  void begin(MissingPolicy missing) {
    peer_ = make(missing);
    peer_->on_start(model_of(1), StartKind::kTogether, effects_);
    take();
  }

  Reception deliver(PeerId from, int round, float value) {
    return peer_->on_message({.from = from, .to = 0, .round = round, .model = model_of(value)},
                             effects_);
  }

  Effects train() {
    peer_->on_trained(model_of(7), 0.5, effects_);
    return take();
  }

  Effects aggregated() {
    peer_->on_aggregated(model_of(8), effects_);
    return take();
  }

  Effects take() { return std::exchange(effects_, {}); }

  static std::vector<PeerId> receivers(const Effects& effects) {
    std::vector<PeerId> to;
    for (const Message& message : effects.sends) to.push_back(message.to);
    return to;
  }

  static std::vector<float> heard(const Effects& effects) {
    std::vector<float> values;
    for (const HeardModel& model : effects.aggregate->received) {
      values.push_back(value_of(model.model));
    }
    return values;
  }

  // Rounds 0 and 1 as they should be, up to the end of the training of round 2.
  void reach_round_two() {
    train();
    static_cast<void>(deliver(1, 0, 10));
    static_cast<void>(deliver(2, 0, 20));
    take();
    aggregated();
    train();
    static_cast<void>(deliver(3, 1, 31));
    take();
    aggregated();
  }

  WrittenLinks links_{
      {{{3}, {0}, {0}, {}}, {{1}, {}, {}, {0}}, {{}, {2}, {}, {}}, {{2}, {0}, {}, {}}}};
  std::unique_ptr<Protocol> peer_;
  Effects effects_;
};

TEST_F(ScheduledPeer, SendsToTheReceiversAndAwaitsTheSendersOfTheRound) {
  EXPECT_EQ(receivers(train()), std::vector<PeerId>{3});
  EXPECT_EQ(peer_->waiting_for(), (std::vector<PeerId>{1, 2}));
  static_cast<void>(deliver(1, 0, 10));
  EXPECT_FALSE(effects_.aggregate);
  static_cast<void>(deliver(2, 0, 20));
  const Effects first = take();
  ASSERT_TRUE(first.aggregate);
  EXPECT_EQ(heard(first), (std::vector<float>{10, 20}));
  EXPECT_DOUBLE_EQ(first.aggregate->own_weight, 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(first.aggregate->received[1].weight, 1.0 / 3.0);
  aggregated();
  EXPECT_EQ(receivers(train()), std::vector<PeerId>{1});
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{3});
  static_cast<void>(deliver(3, 1, 31));
  const Effects second = take();
  EXPECT_DOUBLE_EQ(second.aggregate->own_weight, 0.5);
  EXPECT_DOUBLE_EQ(second.aggregate->received[0].weight, 0.5);
}

TEST_F(ScheduledPeer, GoesOnAloneInARoundWithoutSenders) {
  reach_round_two();
  const Effects effects = train();
  EXPECT_TRUE(effects.sends.empty());
  ASSERT_TRUE(effects.aggregate);
  EXPECT_TRUE(effects.aggregate->received.empty());
  EXPECT_DOUBLE_EQ(effects.aggregate->own_weight, 1.0);
}

TEST_F(ScheduledPeer, KeepsTheLettersOfSendersThatAreRoundsAhead) {
  // Peer 1 is far ahead, and its letters come in any order.
  EXPECT_EQ(deliver(1, 4, 14), Reception::kAccepted);
  EXPECT_EQ(deliver(1, 3, 13), Reception::kAccepted);
  EXPECT_EQ(deliver(1, 5, 15), Reception::kAccepted);
  EXPECT_EQ(deliver(1, 0, 10), Reception::kAccepted);
  EXPECT_EQ(deliver(1, 4, 99), Reception::kRefused) << "a second of round 4";
  static_cast<void>(deliver(2, 0, 20));
  train();
  aggregated();
  train();
  static_cast<void>(deliver(3, 1, 31));
  take();
  EXPECT_EQ(aggregated().completed->round, 2) << "nothing was missed";
  train();
  aggregated();
  for (const float value : {13.0F, 14.0F, 15.0F}) {
    const Effects effects = train();
    ASSERT_TRUE(effects.aggregate);
    EXPECT_EQ(heard(effects), std::vector<float>{value});
    aggregated();
  }
  train();
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{1});
}

TEST_F(ScheduledPeer, WaitsForNobodyWhoIsNotASenderOfTheRound) {
  begin(MissingPolicy::kDrop);
  const std::uint64_t timer = train().timers.at(0).id;
  static_cast<void>(deliver(3, 1, 31));
  static_cast<void>(deliver(1, 0, 10));
  EXPECT_FALSE(effects_.aggregate) << "3 is early, 2 is awaited";
  peer_->on_timer(timer, effects_);
  const Effects effects = take();
  ASSERT_TRUE(effects.aggregate);
  EXPECT_EQ(heard(effects), std::vector<float>{10});
  EXPECT_DOUBLE_EQ(effects.aggregate->received[0].weight, 0.5) << "1/3 and 1/3, renormalized";
}

TEST_F(ScheduledPeer, SkipsOnlyIfALaterLetterStoodInAndOwesThoseItSkipped) {
  static_cast<void>(deliver(1, 5, 15));
  static_cast<void>(deliver(2, 0, 20));
  const Effects effects = train();
  ASSERT_TRUE(effects.aggregate);
  EXPECT_EQ(heard(effects), (std::vector<float>{15, 20})) << "1 will not say more of round 0";
  EXPECT_EQ(aggregated().completed->round, 5);
  // Peer 1 was to hear of round 1 and 2 of rounds 3 and 4; 2 is the receiver of round 5, too.
  EXPECT_EQ(receivers(train()), (std::vector<PeerId>{2, 1}));
}

TEST_F(ScheduledPeer, SendsItsNextLetterToWhoeverSaidHello) {
  EXPECT_EQ(
      peer_->on_message({.from = 2, .to = 0, .kind = MessageKind::kHello, .model = {}}, effects_),
      Reception::kAccepted);
  EXPECT_TRUE(effects_.sends.empty()) << "it still trains";
  EXPECT_EQ(receivers(train()), (std::vector<PeerId>{3, 2}));
  EXPECT_EQ(
      peer_->on_message({.from = 1, .to = 0, .kind = MessageKind::kHello, .model = {}}, effects_),
      Reception::kAccepted);
  EXPECT_EQ(receivers(take()), std::vector<PeerId>{1}) << "now it waits";
}

TEST_F(ScheduledPeer, SendsItsFirstLetterToAllWhenItComesBack) {
  peer_->on_start(model_of(1), StartKind::kRestarted, effects_);
  EXPECT_EQ(receivers(take()), (std::vector<PeerId>{1, 2, 3})) << "hello";
  EXPECT_EQ(receivers(train()), (std::vector<PeerId>{3, 1, 2}));
  static_cast<void>(deliver(1, 0, 10));
  static_cast<void>(deliver(2, 0, 20));
  take();
  aggregated();
  EXPECT_EQ(receivers(train()), std::vector<PeerId>{1});
}

TEST_F(ScheduledPeer, DoesNotWaitForASenderThatHasLeft) {
  train();
  static_cast<void>(deliver(1, 0, 10));
  static_cast<void>(peer_->on_message(
      {.from = 2, .to = 0, .kind = MessageKind::kGoodbye, .model = {}}, effects_));
  ASSERT_TRUE(effects_.aggregate);
  take();
  aggregated();
  EXPECT_EQ(receivers(train()), std::vector<PeerId>{1});
  static_cast<void>(peer_->on_message(
      {.from = 3, .to = 0, .kind = MessageKind::kGoodbye, .model = {}}, effects_));
  EXPECT_TRUE(effects_.aggregate);
}

TEST_F(ScheduledPeer, GoesOnFromWhatItSaved) {
  static_cast<void>(deliver(1, 3, 13));
  static_cast<void>(deliver(1, 0, 10));
  train();
  SavingArchive saving;
  peer_->persist(saving);
  const Snapshot saved = saving.take();
  const std::unique_ptr<Protocol> original = std::exchange(peer_, make());
  LoadingArchive loading(saved);
  peer_->persist(loading);
  loading.finish();
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{2});
  static_cast<void>(deliver(2, 0, 20));
  EXPECT_EQ(heard(take()), (std::vector<float>{10, 20}));
  aggregated();
  EXPECT_EQ(receivers(train()), std::vector<PeerId>{1});
  static_cast<void>(deliver(3, 1, 31));
  take();
  aggregated();
  train();
  aggregated();
  EXPECT_EQ(heard(train()), std::vector<float>{13});
}

// Peer 5 between 2 and 9, with a tracker in every letter.
class TrackingPeer : public testing::Test {
 protected:
  static constexpr std::array<PeerId, 2> kNeighbors{2, 9};
  static constexpr std::array<double, 2> kWeights{0.25, 0.5};

  void SetUp() override {
    GradientTrackingOptions options;
    options.rounds = 5;
    peer_ = make_protocol(
        options, {.self = 5, .neighbors = kNeighbors, .weights = kWeights, .self_weight = 0.25});
    peer_->on_start(model_of(10), StartKind::kTogether, effects_);
    peer_->on_trained(model_of(9), 0.5, effects_);
  }

  Reception deliver(PeerId from, MessageKind kind, int round, float value) {
    return peer_->on_message(
        {.from = from, .to = 5, .kind = kind, .round = round, .model = model_of(value)}, effects_);
  }

  std::unique_ptr<Protocol> peer_;
  Effects effects_;
};

TEST_F(TrackingPeer, SendsAllModelsThenAllTrackers) {
  ASSERT_EQ(effects_.sends.size(), 4U);
  for (const std::size_t k : {0, 1}) {
    EXPECT_EQ(effects_.sends[k].kind, MessageKind::kModel);
    EXPECT_EQ(value_of(effects_.sends[k].model), 9) << "x - y, y = u = 10 - 9";
    EXPECT_EQ(effects_.sends[k + 2].kind, MessageKind::kTracker);
    EXPECT_EQ(value_of(effects_.sends[k + 2].model), 1);
    EXPECT_EQ(effects_.sends[k].to, effects_.sends[k + 2].to);
  }
}

TEST_F(TrackingPeer, WaitsForBothHalvesInAnyOrderOfRounds) {
  EXPECT_EQ(deliver(2, MessageKind::kTracker, 1, 4), Reception::kAccepted);
  EXPECT_EQ(deliver(2, MessageKind::kModel, 0, 20), Reception::kAccepted);
  EXPECT_EQ(deliver(2, MessageKind::kModel, 0, 21), Reception::kRefused) << "a second one";
  EXPECT_EQ(deliver(9, MessageKind::kTracker, 0, 5), Reception::kAccepted);
  EXPECT_EQ(deliver(9, MessageKind::kModel, 0, 90), Reception::kAccepted);
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{2});
  EXPECT_EQ(deliver(2, MessageKind::kTracker, 0, 3), Reception::kAccepted);
  ASSERT_TRUE(effects_.aggregate);
  EXPECT_EQ(value_of(effects_.aggregate->received[0].model), 20);
  EXPECT_EQ(value_of(effects_.aggregate->received[1].model), 90);
  effects_ = {};
  peer_->on_aggregated(model_of(50), effects_);
  peer_->on_trained(model_of(48), 0.5, effects_);
  // z = 0.25 * 1 + 0.25 * 3 + 0.5 * 5 = 3.5; y = z + u - u' = 3.5 + 2 - 1 = 4.5.
  EXPECT_EQ(value_of(effects_.sends[2].model), 4.5);
  EXPECT_EQ(value_of(effects_.sends[0].model), 45.5);
  EXPECT_EQ(deliver(9, MessageKind::kModel, 0, 99), Reception::kLate);
}

TEST_F(TrackingPeer, BeginsARoundAgainWithoutCountingItTwice) {
  effects_ = {};
  peer_->on_start(model_of(10), StartKind::kRestarted, effects_);
  effects_ = {};
  peer_->on_trained(model_of(9), 0.5, effects_);
  ASSERT_EQ(effects_.sends.size(), 4U);
  EXPECT_EQ(value_of(effects_.sends[2].model), 1) << "y = u again";
}

TEST_F(TrackingPeer, SaysAgainWhatARestartedNeighborNeeds) {
  for (const PeerId from : {2, 9}) {
    static_cast<void>(deliver(from, MessageKind::kModel, 0, 20));
    static_cast<void>(deliver(from, MessageKind::kTracker, 0, 3));
  }
  peer_->on_aggregated(model_of(50), effects_);
  effects_ = {};
  const auto hello = [&](int round) {
    static_cast<void>(peer_->on_message(
        {.from = 2, .to = 5, .kind = MessageKind::kHello, .round = round, .model = {}}, effects_));
    return std::exchange(effects_, {}).sends;
  };
  EXPECT_TRUE(hello(1).empty()) << "as far as this one, which still trains";
  const std::vector<Message> again = hello(0);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(value_of(again[0].model), 9) << "its letter of round 0";
  EXPECT_EQ(again[0].round, 0);
  EXPECT_EQ(again[1].kind, MessageKind::kTracker);
  EXPECT_EQ(again[1].round, 0);
}

TEST_F(TrackingPeer, GoesOnFromWhatItSavedBetweenTwoHalves) {
  static_cast<void>(deliver(2, MessageKind::kModel, 0, 20));
  SavingArchive saving;
  peer_->persist(saving);
  const Snapshot saved = saving.take();
  SetUp();
  LoadingArchive loading(saved);
  peer_->persist(loading);
  loading.finish();
  effects_ = {};
  static_cast<void>(deliver(2, MessageKind::kTracker, 0, 3));
  static_cast<void>(deliver(9, MessageKind::kTracker, 0, 5));
  static_cast<void>(deliver(9, MessageKind::kModel, 0, 90));
  EXPECT_TRUE(effects_.aggregate);
}

TEST(Dpsgd, RefusesTrackersAndUnknownData) {
  const std::vector<PeerId> neighbors{3};
  const std::vector<double> weights{0.5};
  const auto peer = make_protocol(
      DpsgdOptions{}, {.self = 0, .neighbors = neighbors, .weights = weights, .self_weight = 0.5});
  Effects effects;
  peer->on_start(model_of(1), StartKind::kTogether, effects);
  EXPECT_EQ(
      peer->on_message({.from = 3, .kind = MessageKind::kTracker, .model = model_of(1)}, effects),
      Reception::kRefused);
  EXPECT_EQ(
      peer->on_message({.from = 3, .model = model_of(1), .data = Buffer::allocate(4)}, effects),
      Reception::kRefused);
  EXPECT_EQ(peer->on_message({.from = 3, .model = model_of(1)}, effects), Reception::kAccepted);
}

}  // namespace
}  // namespace hearsay

#include "node/protocols/sgp.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "node/protocols/message_data.hpp"

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

// Peer 5 between peers 2 and 9.
class SgpPeer : public testing::Test {
 protected:
  static constexpr std::array<PeerId, 2> kNeighbors{2, 9};
  static constexpr std::array<double, 2> kWeights{0.25, 0.5};

  void begin(const SgpOptions& options, std::vector<PeerId> absent = {},
             StartKind how = StartKind::kTogether, SimTime now = {}) {
    peer_ = make_protocol(
        options, {.self = 5, .neighbors = kNeighbors, .weights = kWeights, .absent = absent});
    effects_ = {};
    effects_.now = now;
    peer_->on_start(model_of(6), how, effects_);
  }

  Reception hear(PeerId from, int round, float x, double w, std::int64_t life = 0,
                 std::int64_t receiver_life = 0) {
    return peer_->on_message({.from = from,
                              .to = 5,
                              .kind = MessageKind::kModel,
                              .round = round,
                              .model = model_of(x),
                              .data = pack(life, receiver_life, w)},
                             effects_);
  }

  Reception tell(PeerId from, MessageKind kind, Buffer data = {}) {
    return peer_->on_message(
        {.from = from, .to = 5, .kind = kind, .model = {}, .data = std::move(data)}, effects_);
  }

  Effects train(float value) {
    peer_->on_trained(model_of(value), 0.5, effects_);
    return take();
  }

  Effects take() { return std::exchange(effects_, {}); }

  static double weight_in(const Message& message) {
    std::int64_t life = 0;
    std::int64_t receiver_life = 0;
    double weight = 0.0;
    EXPECT_TRUE(unpack(message.data, life, receiver_life, weight));
    return weight;
  }

  std::unique_ptr<Protocol> peer_;
  Effects effects_;
};

TEST_F(SgpPeer, GivesAThirdEachWaitsForBothAndDividesByTheWeight) {
  begin({});
  EXPECT_EQ(value_of(take().train->model), 6);
  const Effects trained = train(3);
  ASSERT_EQ(trained.sends.size(), 2U);
  EXPECT_EQ(value_of(trained.sends[0].model), 1);
  EXPECT_DOUBLE_EQ(weight_in(trained.sends[0]), 1.0 / 3);
  EXPECT_FALSE(trained.completed);
  EXPECT_EQ(hear(2, 0, 4, 0.5), Reception::kAccepted);
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{9});
  EXPECT_EQ(hear(9, 0, 2, 1.0 / 6), Reception::kAccepted);
  const Effects mixed = take();
  ASSERT_TRUE(mixed.completed);
  EXPECT_EQ(mixed.completed->round, 1);
  EXPECT_FLOAT_EQ(value_of(mixed.completed->model), 7) << "(1 + 4 + 2) / (1/3 + 1/2 + 1/6)";
  EXPECT_FLOAT_EQ(value_of(mixed.train->model), 7);
}

TEST_F(SgpPeer, SendsRunningSums) {
  begin({});
  train(6);
  static_cast<void>(hear(2, 0, 2, 1.0 / 3));
  static_cast<void>(hear(9, 0, 2, 1.0 / 3));
  take();
  const Effects again = train(6);
  EXPECT_FLOAT_EQ(value_of(again.sends.at(0).model), 4) << "a third of 6 twice";
  EXPECT_DOUBLE_EQ(weight_in(again.sends.at(0)), 2.0 / 3);
}

TEST_F(SgpPeer, KeepsAMessageOfTheNextRoundForThatRound) {
  begin({});
  train(6);
  static_cast<void>(hear(2, 0, 2, 1.0 / 3));
  static_cast<void>(hear(2, 1, 5, 2.0 / 3));
  static_cast<void>(hear(9, 0, 2, 1.0 / 3));
  EXPECT_FLOAT_EQ(value_of(take().completed->model), 6) << "without the 3 of the next round";
  train(6);
  static_cast<void>(hear(9, 1, 4, 2.0 / 3));
  EXPECT_FLOAT_EQ(value_of(take().completed->model), 7) << "2 + (5 - 2) + (4 - 2)";
}

TEST_F(SgpPeer, WithOverlapWaitsForEarlierRoundsOnly) {
  begin({.overlap = 1});
  EXPECT_TRUE(train(6).completed) << "nothing to wait for in round 0";
  EXPECT_FALSE(train(2).completed);
  static_cast<void>(hear(2, 0, 2, 1.0 / 3));
  static_cast<void>(hear(9, 0, 2, 1.0 / 3));
  EXPECT_TRUE(take().completed);
}

TEST_F(SgpPeer, AfterAllTimeoutsGivesNothingToTheMissingUntilItIsHeard) {
  begin({.attempts = 2});
  const Effects trained = train(6);
  ASSERT_EQ(trained.timers.size(), 1U);
  static_cast<void>(hear(2, 0, 2, 1.0 / 3));
  peer_->on_timer(trained.timers[0].id, effects_);
  EXPECT_FALSE(effects_.completed);
  const Effects retried = take();
  ASSERT_EQ(retried.sends.size(), 1U);
  EXPECT_EQ(retried.sends[0].to, 9);
  EXPECT_DOUBLE_EQ(weight_in(retried.sends[0]), 1.0 / 3) << "the same once more";
  ASSERT_EQ(retried.timers.size(), 1U);
  peer_->on_timer(retried.timers[0].id, effects_);
  ASSERT_TRUE(effects_.completed);
  EXPECT_FLOAT_EQ(value_of(take().completed->model), 6) << "(2 + 2) / (1/3 + 1/3)";
  const Effects again = train(6);
  ASSERT_EQ(again.sends.size(), 2U);
  EXPECT_DOUBLE_EQ(weight_in(again.sends[0]), 1.0 / 3 + 1.0 / 3) << "half of 2/3 more";
  EXPECT_DOUBLE_EQ(weight_in(again.sends[1]), 1.0 / 3) << "what it had, once more";
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{2});
  EXPECT_EQ(hear(9, 1, 4, 2.0 / 3), Reception::kAccepted);
  static_cast<void>(hear(2, 1, 4, 2.0 / 3));
  EXPECT_TRUE(take().completed);
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{});
  EXPECT_GT(weight_in(train(6).sends.at(1)), 0.5);
}

TEST_F(SgpPeer, AloneDoesOneRoundPerTimeoutUntilSomebodyIsHeard) {
  begin({.attempts = 1});
  const std::uint64_t first = train(6).timers.at(0).id;
  peer_->on_timer(first, effects_);
  EXPECT_TRUE(take().completed);
  const Effects alone = train(6);
  EXPECT_FALSE(alone.completed);
  ASSERT_EQ(alone.timers.size(), 1U);
  peer_->on_timer(alone.timers[0].id, effects_);
  EXPECT_TRUE(take().completed);
  EXPECT_FALSE(train(6).completed);
  static_cast<void>(hear(9, 2, 4, 2.0 / 3));
  EXPECT_TRUE(take().completed);
}

TEST_F(SgpPeer, SkipsToTheNewestRoundHeardOf) {
  begin({.rounds = 9});
  train(6);
  static_cast<void>(hear(2, 5, 2, 1.0 / 3));
  static_cast<void>(hear(9, 0, 2, 1.0 / 3));
  EXPECT_EQ(take().completed->round, 5);
}

TEST_F(SgpPeer, FinishesAfterItsRoundsAndAnswersTheLaggingWithItsSums) {
  begin({.rounds = 2});
  for (int round = 0; round < 2; ++round) {
    train(6);
    static_cast<void>(hear(2, round, 2, 1.0 / 3));
    EXPECT_FALSE(effects_.finished);
    static_cast<void>(hear(9, round, 2, 1.0 / 3));
    EXPECT_EQ(effects_.finished, round == 1);
    EXPECT_EQ(take().train.has_value(), round == 0);
  }
  EXPECT_EQ(hear(9, 1, 4, 2.0 / 3), Reception::kLate);
  EXPECT_TRUE(take().sends.empty());
  EXPECT_EQ(hear(9, 0, 4, 2.0 / 3), Reception::kLate);
  ASSERT_EQ(effects_.sends.size(), 1U);
  EXPECT_EQ(effects_.sends[0].round, 2);
}

TEST_F(SgpPeer, AfterACrashKeepsItsMassAndDoesTheRoundAgain) {
  begin({});
  train(6);
  take();
  peer_->on_start(model_of(99), StartKind::kRestarted, effects_);
  const Effects back = take();
  EXPECT_EQ(back.sends.size(), 2U);
  EXPECT_FLOAT_EQ(value_of(back.train->model), 6) << "its own z: 2 / (1/3)";
  EXPECT_DOUBLE_EQ(weight_in(train(6).sends.at(0)), 1.0 / 3 + 1.0 / 9);
}

TEST_F(SgpPeer, ANewLifeBeginsWithoutRunningSums) {
  begin({}, {}, StartKind::kJoined, {70});
  const Effects joined = take();
  ASSERT_EQ(joined.sends.size(), 2U);
  EXPECT_EQ(joined.sends[0].kind, MessageKind::kHello);
  EXPECT_EQ(hear(2, 3, 50, 20.0, 0, 0), Reception::kLate) << "given to nobody or to a former life";
  const Effects trained = train(6);
  ASSERT_EQ(trained.sends.size(), 2U);
  EXPECT_EQ(trained.sends[0].kind, MessageKind::kModel) << "2 has been heard";
  EXPECT_DOUBLE_EQ(weight_in(trained.sends[0]), 0.5);
  EXPECT_EQ(trained.sends[1].kind, MessageKind::kHello);
  EXPECT_EQ(hear(2, 4, 1, 0.5, 0, 70), Reception::kAccepted);
  EXPECT_FLOAT_EQ(value_of(take().completed->model), 4) << "(3 + 1) / (1/2 + 1/2)";
}

TEST_F(SgpPeer, ANeighborsNewLifeRestartsTheLink) {
  begin({});
  train(6);
  EXPECT_EQ(tell(9, MessageKind::kHello, pack(std::int64_t{80})), Reception::kAccepted);
  EXPECT_EQ(hear(9, 0, 2, 1.0 / 3), Reception::kLate) << "of its former life";
  static_cast<void>(hear(2, 0, 2, 1.0 / 3));
  EXPECT_FALSE(effects_.completed) << "9 is awaited in its new life";
  static_cast<void>(hear(9, 0, 3, 0.25, 80, 0));
  EXPECT_TRUE(take().completed);
  EXPECT_NEAR(weight_in(train(6).sends.at(1)), (2.0 / 3 + 0.25) / 3, 1e-12);
}

TEST_F(SgpPeer, DoesNotWaitForWhoIsAbsentOrLeaves) {
  begin({}, {9});
  const Effects trained = train(6);
  ASSERT_EQ(trained.sends.size(), 1U);
  EXPECT_DOUBLE_EQ(weight_in(trained.sends[0]), 0.5);
  static_cast<void>(tell(2, MessageKind::kGoodbye));
  EXPECT_TRUE(take().completed);
}

TEST_F(SgpPeer, RefusesWhatMakesNoSense) {
  begin({});
  EXPECT_EQ(hear(3, 0, 2, 0.5), Reception::kRefused) << "no neighbor";
  EXPECT_EQ(hear(2, 51, 2, 0.5), Reception::kRefused);
  EXPECT_EQ(hear(2, -1, 2, 0.5), Reception::kRefused);
  EXPECT_EQ(hear(2, 0, 2, -0.5), Reception::kRefused);
  EXPECT_EQ(hear(2, 0, 2, std::numeric_limits<double>::infinity()), Reception::kRefused);
  EXPECT_EQ(hear(2, 0, 2, 0.5, -4), Reception::kRefused);
  EXPECT_EQ(tell(2, MessageKind::kHello), Reception::kRefused) << "without its life";
  EXPECT_EQ(tell(2, MessageKind::kPing), Reception::kRefused);
  EXPECT_EQ(hear(2, 0, 2, 0.5), Reception::kAccepted);
  EXPECT_EQ(hear(2, 0, 2, 0.5), Reception::kLate) << "a copy";
}

}  // namespace
}  // namespace hearsay

#include "node/protocols/compass_gossip.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <utility>

#include "node/protocols/compass_scheduler.hpp"
#include "node/protocols/message_data.hpp"

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }

SimTime s(std::int64_t seconds) { return {seconds * 1'000'000'000}; }

// A group's, as messages say it.
struct Name {
  PeerId creator = -1;
  std::int64_t created = 0;
  std::int32_t generation = 0;
};

// Peer 5 with neighbors 2 and 9, driven by hand; its steps take a second.
class CompassPeer : public testing::Test {
 protected:
  static constexpr CompassGossipOptions kOptions{
      .rounds = 9, .q_min = 20, .q_max = 100, .lambda = 1.2};

  void start(const CompassGossipOptions& options = kOptions) {
    static constexpr std::array<PeerId, 2> kNeighbors{2, 9};
    static constexpr std::array<double, 2> kWeights{0.25, 0.5};
    peer_ = make_protocol(
        options, {.self = 5, .neighbors = kNeighbors, .weights = kWeights, .self_weight = 0.25});
    peer_->on_start(model_of(1), StartKind::kTogether, effects_);
  }

  void at(std::int64_t seconds) { effects_.now = s(seconds); }

  Effects take() { return std::exchange(effects_, Effects{.now = effects_.now}); }

  Reception model(PeerId from, int age, float value, const Name& group = {}) {
    return peer_->on_message(
        {.from = from,
         .to = 5,
         .kind = MessageKind::kModel,
         .round = age,
         .model = model_of(value),
         .data = pack(group.creator, group.created, group.generation, ++clock_)},
        effects_);
  }

  Reception group(PeerId from, const Name& name, std::int64_t expected, std::int64_t latest,
                  std::int64_t fastest) {
    return peer_->on_message({.from = from,
                              .to = 5,
                              .kind = MessageKind::kMembership,
                              .model = {},
                              .data = pack(name.creator, name.created, name.generation, s(expected),
                                           s(latest), s(fastest).nanoseconds, ++clock_)},
                             effects_);
  }

  Reception tell(PeerId from, MessageKind kind) {
    return peer_->on_message({.from = from, .to = 5, .kind = kind, .model = {}}, effects_);
  }

  static std::pair<Name, Rendezvous> told(const Message& message) {
    Name name;
    Rendezvous there;
    std::int64_t when = 0;
    EXPECT_TRUE(unpack(message.data, name.creator, name.created, name.generation, there.expected,
                       there.latest, there.fastest, when));
    return {name, there};
  }

  // Done with the first task at 20 s; alone.
  void pass_first_task() {
    at(20);
    peer_->on_trained(model_of(1), 0.1, effects_);
    peer_->on_aggregated(model_of(1), effects_);
  }

  std::unique_ptr<Protocol> peer_;
  Effects effects_;
  std::int64_t clock_ = 0;
};

TEST_F(CompassPeer, BeginsWithTheFewestStepsInNoGroup) {
  start();
  const Effects effects = take();
  EXPECT_EQ(effects.train->steps, 20);
  EXPECT_TRUE(effects.sends.empty());
}

TEST_F(CompassPeer, SendsItsModelToAllAndMixesAtOnceIfItIsInNoGroup) {
  start();
  take();
  at(20);
  peer_->on_trained(model_of(7), 0.1, effects_);
  const Effects effects = take();
  ASSERT_EQ(effects.sends.size(), 2U);
  EXPECT_EQ(effects.sends[1].to, 9);
  EXPECT_EQ(effects.sends[1].kind, MessageKind::kModel);
  EXPECT_EQ(effects.sends[1].model.values()[0], 7);
  ASSERT_TRUE(effects.aggregate);
  EXPECT_TRUE(effects.aggregate->received.empty());
  EXPECT_EQ(effects.aggregate->own_weight, 1.0);
}

TEST_F(CompassPeer, CreatesAGroupWhereThereIsNoneAndTellsAll) {
  start();
  pass_first_task();
  const Effects effects = take();
  EXPECT_EQ(effects.completed->round, 1);
  EXPECT_EQ(effects.train->steps, 100);
  const Message& last = effects.sends.back();
  EXPECT_EQ(last.kind, MessageKind::kMembership);
  const auto [name, there] = told(last);
  EXPECT_EQ(name.creator, 5);
  EXPECT_EQ(there.expected, s(120));
  EXPECT_EQ(there.latest, s(140));
  EXPECT_EQ(there.fastest, s(1).nanoseconds);
}

TEST_F(CompassPeer, JoinsTheGroupThatGivesTheMostStepsAndLowersItsFastest) {
  start();
  static_cast<void>(group(2, {2, 1}, 80, 90, 2));
  static_cast<void>(group(9, {9, 1}, 110, 130, 3));
  static_cast<void>(group(9, {9, 2}, 200, 230, 3));
  pass_first_task();
  const Effects effects = take();
  EXPECT_EQ(effects.train->steps, 90) << "180 would be too many";
  const auto [name, there] = told(effects.sends.back());
  EXPECT_EQ(name.creator, 9);
  EXPECT_EQ(name.created, 1);
  EXPECT_EQ(there.expected, s(110));
  EXPECT_EQ(there.fastest, s(1).nanoseconds);
}

TEST_F(CompassPeer, WaitsForTheNeighborsInItsGroupOnly) {
  start();
  const Name name{2, 1};
  static_cast<void>(group(2, name, 80, 90, 2));
  static_cast<void>(group(9, {9, 1}, 300, 330, 3));
  pass_first_task();
  take();
  at(80);
  peer_->on_trained(model_of(3), 0.1, effects_);
  const Effects trained = take();
  EXPECT_FALSE(trained.aggregate);
  ASSERT_EQ(trained.timers.size(), 1U);
  EXPECT_EQ(trained.timers[0].delay, s(10));
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{2});
  EXPECT_EQ(model(9, 0, 90), Reception::kAccepted);
  EXPECT_FALSE(effects_.aggregate);
  EXPECT_EQ(model(2, 0, 20, name), Reception::kAccepted);
  ASSERT_TRUE(effects_.aggregate);
  EXPECT_TRUE(peer_->waiting_for().empty());
}

TEST_F(CompassPeer, WeighsWhatItHeardByTheMixingMatrixAndStaleness) {
  start();
  for (std::int64_t turn = 1; turn <= 3; ++turn) {  // Age 3.
    at(100 * turn);
    peer_->on_trained(model_of(1), 0.1, effects_);
    peer_->on_aggregated(model_of(1), effects_);
    take();
  }
  static_cast<void>(model(2, 0, 20));  // Staleness 3: s = 1/2.
  static_cast<void>(model(9, 5, 90));  // From ahead: s = 1.
  at(400);
  peer_->on_trained(model_of(4), 0.1, effects_);
  ASSERT_TRUE(effects_.aggregate);
  ASSERT_EQ(effects_.aggregate->received.size(), 2U);
  EXPECT_DOUBLE_EQ(effects_.aggregate->received[0].weight, 0.25 / 2);
  EXPECT_DOUBLE_EQ(effects_.aggregate->received[1].weight, 0.5);
  EXPECT_DOUBLE_EQ(effects_.aggregate->own_weight, 1 - 0.125 - 0.5);
  EXPECT_EQ(effects_.aggregate->own.values()[0], 4);
}

TEST_F(CompassPeer, DoesNotWaitBeyondTheLatestTimeAndKeepsWhatIsLateForTheNextMix) {
  start();
  const Name name{2, 1};
  static_cast<void>(group(2, name, 80, 90, 2));
  pass_first_task();
  take();
  at(80);
  peer_->on_trained(model_of(3), 0.1, effects_);
  const std::uint64_t timer = take().timers.at(0).id;
  at(90);
  peer_->on_timer(timer, effects_);
  EXPECT_TRUE(take().aggregate->received.empty());
  EXPECT_EQ(model(2, 0, 20, name), Reception::kAccepted) << "late";
  peer_->on_aggregated(model_of(3), effects_);
  take();
  peer_->on_timer(timer, effects_);
  EXPECT_FALSE(take().aggregate) << "of a group that has gone on";
  at(500);
  peer_->on_trained(model_of(3), 0.1, effects_);
  ASSERT_TRUE(effects_.aggregate) << "it is late itself";
  EXPECT_EQ(effects_.aggregate->received.at(0).model.values()[0], 20);
  peer_->on_aggregated(model_of(3), effects_);
  take();
  at(1500);
  peer_->on_trained(model_of(3), 0.1, effects_);
  EXPECT_TRUE(effects_.aggregate->received.empty()) << "every model is used once";
}

TEST_F(CompassPeer, GoesOnToTheSuccessorOfItsGroupWithoutAWord) {
  start();
  const Name name{2, 1};
  static_cast<void>(group(2, name, 80, 90, 1));
  pass_first_task();
  take();
  at(80);
  peer_->on_trained(model_of(3), 0.1, effects_);
  static_cast<void>(model(2, 0, 20, name));
  peer_->on_aggregated(model_of(3), effects_);
  const Effects effects = take();
  const auto [next, there] = told(effects.sends.back());
  EXPECT_EQ(next.creator, 2);
  EXPECT_EQ(next.created, 1);
  EXPECT_EQ(next.generation, 1);
  EXPECT_EQ(there.expected, s(80 + 100)) << "100 steps of the fastest";
  EXPECT_EQ(there.latest, s(80 + 120));
  EXPECT_EQ(effects.train->steps, 100);
}

TEST_F(CompassPeer, NobodyWaitsForOneThatLeavesOrComesBack) {
  for (const MessageKind kind : {MessageKind::kGoodbye, MessageKind::kHello}) {
    at(0);
    start();
    static_cast<void>(group(2, {2, 1}, 80, 90, 2));
    pass_first_task();
    at(80);
    peer_->on_trained(model_of(3), 0.1, effects_);
    take();
    EXPECT_EQ(tell(2, kind), Reception::kAccepted);
    EXPECT_TRUE(take().aggregate);
  }
}

TEST_F(CompassPeer, TellsOneThatComesItsGroup) {
  start();
  pass_first_task();
  take();
  static_cast<void>(tell(9, MessageKind::kHello));
  const Effects effects = take();
  ASSERT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(effects.sends[0].to, 9);
  EXPECT_EQ(told(effects.sends[0]).first.creator, 5);
}

TEST_F(CompassPeer, KeepsItsSpeedAfterARestartAndSaysHello) {
  start();
  pass_first_task();
  take();
  at(50);
  peer_->on_start(model_of(1), StartKind::kRestarted, effects_);
  const Effects effects = take();
  EXPECT_EQ(effects.sends.at(0).kind, MessageKind::kHello);
  EXPECT_EQ(effects.train->steps, 100);
}

TEST_F(CompassPeer, RefusesStrangersCopiesAndNonsense) {
  start();
  EXPECT_EQ(model(3, 0, 1), Reception::kRefused);
  EXPECT_EQ(model(2, -1, 1), Reception::kRefused);
  EXPECT_EQ(model(2, 0, 1), Reception::kAccepted);
  --clock_;
  EXPECT_EQ(model(2, 0, 1), Reception::kRefused) << "a second copy";
  clock_ -= 2;
  EXPECT_EQ(model(2, 0, 1), Reception::kLate) << "overtaken by a later one";
  clock_ = 10;
  EXPECT_EQ(group(2, {2, 1}, 90, 80, 1), Reception::kRefused) << "latest before expected";
  EXPECT_EQ(group(2, {2, 1}, 80, 90, 0), Reception::kRefused) << "no speed";
  EXPECT_EQ(group(2, {-1, 1}, 80, 90, 1), Reception::kRefused) << "no group";
  EXPECT_EQ(group(2, {2, 1}, 80, 9'000'000'000, 1), Reception::kRefused) << "out of range";
  EXPECT_EQ(tell(2, MessageKind::kPing), Reception::kRefused);
  EXPECT_EQ(
      peer_->on_message({.from = 2, .kind = MessageKind::kModel, .model = model_of(1)}, effects_),
      Reception::kRefused)
      << "no data";
  EXPECT_EQ(group(2, {2, 1}, 80, 90, 1), Reception::kAccepted);
  --clock_;
  EXPECT_EQ(group(2, {2, 1}, 80, 90, 1), Reception::kLate);
}

TEST_F(CompassPeer, FinishesAfterItsRounds) {
  start(CompassGossipOptions{.rounds = 1});
  take();
  pass_first_task();
  const Effects effects = take();
  EXPECT_TRUE(effects.finished);
  EXPECT_FALSE(effects.train);
  EXPECT_EQ(model(2, 0, 1), Reception::kLate);
}

}  // namespace
}  // namespace hearsay

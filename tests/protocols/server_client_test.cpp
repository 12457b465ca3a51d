#include "node/protocols/server_client.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "node/protocols/message_data.hpp"
#include "node/protocols/server_tasks.hpp"

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }

// Peer 3, whose server is peer 1; peer 2 is a neighbor as well.
class Client : public testing::Test {
 protected:
  void start(const ServerClientOptions& options, StartKind how = StartKind::kTogether) {
    constexpr std::array<PeerId, 2> kNeighbors{1, 2};
    constexpr std::array<double, 2> kWeights{0.3, 0.3};
    peer_ = make_server_client(options, {.self = 3, .neighbors = kNeighbors, .weights = kWeights});
    peer_->on_start(model_of(0), how, effects_);
  }

  static Message task(int version, const TaskNote& note, PeerId from = 1) {
    return {.from = from,
            .to = 3,
            .kind = MessageKind::kModel,
            .round = version,
            .model = model_of(static_cast<float>(100 + version)),
            .data = pack_note(note)};
  }

  Reception deliver(const Message& message) { return peer_->on_message(message, effects_); }
  Reception tell(MessageKind kind) {
    return deliver({.from = 1, .to = 3, .kind = kind, .model = {}});
  }
  Effects take() { return std::exchange(effects_, {}); }

  static constexpr ServerClientOptions kPatient{.server = 1, .rounds = 9};
  std::unique_ptr<Protocol> peer_;
  Effects effects_;
};

TEST_F(Client, WaitsForTheServerFirst) {
  start(kPatient);
  const Effects effects = take();
  EXPECT_FALSE(effects.train);
  EXPECT_TRUE(effects.sends.empty());
  EXPECT_TRUE(effects.timers.empty());
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{1});
}

TEST_F(Client, TrainsWhatItIsGivenAndAnswersTheServerAlone) {
  start(kPatient);
  EXPECT_EQ(deliver(task(4, {.id = 50, .steps = 7})), Reception::kAccepted);
  const Effects given = take();
  ASSERT_TRUE(given.train);
  EXPECT_EQ(given.train->steps, 7);
  EXPECT_EQ(given.train->model.values()[0], 104);
  EXPECT_EQ(given.completed->round, 4);
  EXPECT_FALSE(given.stop_training);
  EXPECT_TRUE(peer_->waiting_for().empty());
  peer_->on_trained(model_of(8), 0.1, effects_);
  const Effects trained = take();
  ASSERT_EQ(trained.sends.size(), 1U);
  EXPECT_EQ(trained.sends[0].to, 1);
  EXPECT_EQ(trained.sends[0].kind, MessageKind::kTrained);
  EXPECT_EQ(trained.sends[0].round, 4);
  EXPECT_EQ(trained.sends[0].model.values()[0], 8);
  std::int64_t id = 0;
  std::int64_t clock = 0;
  ASSERT_TRUE(unpack(trained.sends[0].data, id, clock));
  EXPECT_EQ(id, 50);
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{1});
}

TEST_F(Client, ReportsAVersionOnceAndNoneButNewerOnes) {
  start(kPatient);
  static_cast<void>(deliver(task(4, {.id = 50})));
  EXPECT_TRUE(take().completed);
  static_cast<void>(deliver(task(4, {.id = 51})));
  EXPECT_FALSE(take().completed);
  static_cast<void>(deliver(task(3, {.id = 52})));
  EXPECT_FALSE(take().completed) << "of a server that has lost its state";
  static_cast<void>(deliver(task(5, {.id = 53})));
  EXPECT_EQ(take().completed->round, 5);
}

TEST_F(Client, ANewerTaskEndsTheTrainingUnderWay) {
  start(kPatient);
  static_cast<void>(deliver(task(0, {.id = 50})));
  EXPECT_FALSE(take().stop_training);
  static_cast<void>(deliver(task(1, {.id = 51})));
  const Effects effects = take();
  EXPECT_TRUE(effects.stop_training);
  EXPECT_EQ(effects.train->model.values()[0], 101);
}

TEST_F(Client, RefusesOthersAndNonsenseAndIsLateForOldTasks) {
  start(kPatient);
  EXPECT_EQ(deliver(task(1, {.id = 50}, 2)), Reception::kRefused) << "not the server";
  EXPECT_EQ(deliver(task(-1, {.id = 50})), Reception::kRefused);
  EXPECT_EQ(deliver(task(10, {.id = 50})), Reception::kRefused) << "beyond the last version";
  EXPECT_EQ(deliver(task(1, {.id = 50, .steps = -1})), Reception::kRefused);
  Message bare = task(1, {.id = 50});
  bare.data = {};
  EXPECT_EQ(deliver(bare), Reception::kRefused) << "no note";
  Message wide = task(1, {.id = 50});
  wide.model = ModelBuffer::zeros(2);
  EXPECT_EQ(deliver(wide), Reception::kRefused) << "of another size";
  EXPECT_EQ(tell(MessageKind::kTrained), Reception::kRefused);
  EXPECT_FALSE(take().train);
  EXPECT_EQ(deliver(task(1, {.id = 50})), Reception::kAccepted);
  EXPECT_EQ(deliver(task(1, {.id = 50})), Reception::kLate) << "a second copy";
  EXPECT_EQ(deliver(task(2, {.id = 49})), Reception::kLate);
}

TEST_F(Client, FinishesWithTheFinalModel) {
  start(kPatient);
  static_cast<void>(deliver(task(3, {.id = 50})));
  take();
  static_cast<void>(deliver(task(9, {.id = 51, .is_last = true})));
  const Effects effects = take();
  EXPECT_TRUE(effects.finished);
  EXPECT_TRUE(effects.stop_training);
  EXPECT_FALSE(effects.train);
  EXPECT_EQ(effects.completed->model.values()[0], 109);
  EXPECT_TRUE(peer_->waiting_for().empty());
  EXPECT_EQ(deliver(task(9, {.id = 52, .is_last = true})), Reception::kLate);
  EXPECT_FALSE(take().finished);
}

TEST_F(Client, SaysHelloWhenItComesLaterAndGoodbyeWhenItLeaves) {
  for (const StartKind how : {StartKind::kJoined, StartKind::kRestarted}) {
    start(kPatient, how);
    const Effects started = take();
    ASSERT_EQ(started.sends.size(), 1U);
    EXPECT_EQ(started.sends[0].kind, MessageKind::kHello);
    EXPECT_EQ(started.sends[0].to, 1);
  }
  peer_->on_leave(effects_);
  EXPECT_EQ(take().sends.at(0).kind, MessageKind::kGoodbye);
}

TEST_F(Client, AnswersTheServersHelloOnlyIfItHasNothingToDo) {
  start(kPatient);
  static_cast<void>(tell(MessageKind::kHello));
  EXPECT_EQ(take().sends.at(0).kind, MessageKind::kHello);
  static_cast<void>(deliver(task(0, {.id = 1})));
  take();
  static_cast<void>(tell(MessageKind::kHello));
  EXPECT_TRUE(take().sends.empty());
}

TEST_F(Client, AsksTenTimesAtGrowingIntervalsAndThenWaits) {
  start({.server = 1, .ask_after = {100}});
  for (int ask = 0; ask < kMostAsks; ++ask) {
    const Effects effects = take();
    ASSERT_EQ(effects.timers.size(), 1U);
    EXPECT_EQ(effects.timers[0].delay, SimTime{100} * (std::int64_t{1} << ask));
    peer_->on_timer(effects.timers[0].id, effects_);
    EXPECT_EQ(effects_.sends.at(0).kind, MessageKind::kHello);
  }
  EXPECT_TRUE(take().timers.empty());
}

TEST_F(Client, AsksAnewOnceTheServerIsHeard) {
  start({.server = 1, .ask_after = {100}});
  const std::uint64_t first = take().timers.at(0).id;
  peer_->on_timer(first, effects_);
  const std::uint64_t second = take().timers.at(0).id;
  static_cast<void>(tell(MessageKind::kPong));
  const Effects heard = take();
  EXPECT_EQ(heard.timers.at(0).delay, SimTime{100});
  peer_->on_timer(second, effects_);
  EXPECT_TRUE(take().sends.empty()) << "a timer of before";
  peer_->on_timer(heard.timers.at(0).id, effects_);
  EXPECT_EQ(take().sends.size(), 1U);
}

TEST_F(Client, DoesNotAskWhileItTrains) {
  start({.server = 1, .ask_after = {100}});
  const std::uint64_t timer = take().timers.at(0).id;
  static_cast<void>(deliver(task(0, {.id = 1})));
  EXPECT_TRUE(take().timers.empty());
  peer_->on_timer(timer, effects_);
  EXPECT_TRUE(take().sends.empty());
}

}  // namespace
}  // namespace hearsay

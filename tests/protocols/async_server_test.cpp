#include "node/protocols/async_server.hpp"

#include <gtest/gtest.h>

#include "node/protocols/fedasync.hpp"
#include "node/protocols/fedbuff.hpp"
#include "tests/protocols/server_fixture.hpp"

namespace hearsay {
namespace {

using AsyncServer = ServerPeer;

TEST_F(AsyncServer, FedasyncMixesInEveryModelWithALessWeightTheStaler) {
  start(FedasyncOptions{.alpha = 0.8});
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_EQ(answer(2, 20), Reception::kAccepted);
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_DOUBLE_EQ(seen_.aggregate->own_weight, 1 - 0.8);
  ASSERT_EQ(seen_.aggregate->received.size(), 1U);
  EXPECT_EQ(value_of(seen_.aggregate->received[0].model), 20) << "the model, not a change";
  EXPECT_TRUE(sent(MessageKind::kModel).empty());
  aggregated(18);
  EXPECT_EQ(seen_.completed->round, 1);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2}) << "who has answered";
  EXPECT_EQ(given_.at(2).round, 1);
  EXPECT_EQ(value_of(given_.at(2).model), 18);
  static_cast<void>(answer(2, 30));
  aggregated(19);
  static_cast<void>(answer(1, 40));  // Made from model 0, now that there is model 2.
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[0].weight, 0.8 / std::sqrt(3.0));
  EXPECT_EQ(seen_.aggregate->received[0].round, 0);
  EXPECT_EQ(seen_.aggregate->round, 2);
}

TEST_F(AsyncServer, TakesUpWhatCameDuringAnAggregationInItsOrder) {
  start(FedasyncOptions{});
  static_cast<void>(answer(4, 40));
  static_cast<void>(answer(2, 20));
  static_cast<void>(answer(1, 10));
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_TRUE(server_->waiting_for().empty());
  for (const PeerId next : {4, 2, 1}) {
    aggregated(15);
    EXPECT_EQ(sent(MessageKind::kModel), Ids{next});
    EXPECT_EQ(seen_.aggregate.has_value(), next != 1);
  }
  EXPECT_EQ(seen_.completed->round, 3);
}

TEST_F(AsyncServer, FedbuffAppliesABufferOfChangesAtOnce) {
  start(FedbuffOptions{.buffer = 3, .server_lr = 1.5, .staleness = ConstantStalenessOptions{}});
  static_cast<void>(answer(2, 16));
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2}) << "at once, with the model there is";
  EXPECT_EQ(given_.at(2).round, 0);
  static_cast<void>(answer(2, 12));
  static_cast<void>(answer(1, 7));
  ASSERT_TRUE(seen_.aggregate);
  // Changes 6 + 2 of peer 2, -3 of peer 1, each with weight 1.5 / 3.
  ASSERT_EQ(seen_.aggregate->received.size(), 2U);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[0].weight, 0.5);
  EXPECT_FLOAT_EQ(value_of(seen_.aggregate->received[0].model), 10 - 3);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[1].weight, 1.0);
  EXPECT_FLOAT_EQ(value_of(seen_.aggregate->received[1].model), 10 + 4);
  EXPECT_DOUBLE_EQ(seen_.aggregate->own_weight, -0.5);
  EXPECT_TRUE(sent(MessageKind::kModel).empty());
  aggregated(12);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{1});
  EXPECT_EQ(given_.at(1).round, 1);
}

TEST_F(AsyncServer, FedbuffCountsAStaleChangeLess) {
  start(FedbuffOptions{.buffer = 1});
  for (int version = 0; version < 3; ++version) {
    static_cast<void>(answer(1, 11));
    aggregated(10);
  }
  static_cast<void>(answer(4, 16));  // Staleness 3: weight 1/2.
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[0].weight, 0.5);
  EXPECT_EQ(value_of(seen_.aggregate->received[0].model), 16);
}

TEST_F(AsyncServer, FinishesAfterItsRoundsWithTheFinalModelForAll) {
  start(FedasyncOptions{.rounds = 2});
  static_cast<void>(answer(1, 11));
  aggregated(12);
  EXPECT_FALSE(seen_.finished);
  static_cast<void>(answer(2, 11));
  const Message task = given_.at(4);
  static_cast<void>(answer(1, 11));
  aggregated(13);
  EXPECT_TRUE(seen_.finished);
  EXPECT_FALSE(seen_.aggregate) << "what came meanwhile is of no use any more";
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_TRUE(note_of(4).is_last);
  EXPECT_EQ(given_.at(4).round, 2);
  EXPECT_EQ(answer(task, 1), Reception::kLate);
  static_cast<void>(tell(2, MessageKind::kHello));
  EXPECT_TRUE(note_of(2).is_last);
}

TEST_F(AsyncServer, GoesOnForEverIfItsRoundsAreNotCounted) {
  start(FedasyncOptions{.rounds = 0});
  for (int version = 1; version < 300; ++version) {
    static_cast<void>(answer(1, 11));
    aggregated(12);
    ASSERT_FALSE(seen_.finished);
  }
}

TEST_F(AsyncServer, GivesANewTaskToOneThatSaysHelloUnlessItsAnswerIsDealtWith) {
  start(FedasyncOptions{}, {4});
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2}));
  const Message first = given_.at(2);
  static_cast<void>(tell(4, MessageKind::kHello));
  EXPECT_EQ(sent(MessageKind::kModel), Ids{4});
  static_cast<void>(tell(2, MessageKind::kHello));
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2});
  EXPECT_EQ(answer(first, 1), Reception::kLate);
  static_cast<void>(answer(2, 20));
  static_cast<void>(tell(2, MessageKind::kHello));
  EXPECT_EQ(sent(MessageKind::kPong), Ids{2});
  EXPECT_TRUE(sent(MessageKind::kModel).empty());
  aggregated(15);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2});
}

TEST_F(AsyncServer, UsesWhatALeaverHasSentAndGivesItNothingAnyMore) {
  start(FedasyncOptions{});
  static_cast<void>(answer(1, 11));
  EXPECT_EQ(tell(1, MessageKind::kGoodbye), Reception::kAccepted);
  aggregated(15);
  EXPECT_EQ(seen_.completed->round, 1);
  EXPECT_TRUE(sent(MessageKind::kModel).empty());
}

TEST_F(AsyncServer, KnowsAnAnswerThatAGoodbyeHasOvertakenFromOneOfAClientThatIsThere) {
  start(FedasyncOptions{});
  EXPECT_EQ(tell_at(1000, 1, MessageKind::kGoodbye), Reception::kAccepted);
  EXPECT_EQ(answer(1, 11), Reception::kRefused) << "sent before it left";
  EXPECT_EQ(tell_at(50, 2, MessageKind::kGoodbye), Reception::kAccepted);
  EXPECT_EQ(answer(2, 11), Reception::kAccepted) << "sent since";
  aggregated(15);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2});
}

TEST_F(AsyncServer, IsNotMisledByWordsThatHaveOvertakenEachOther) {
  start(FedasyncOptions{});
  EXPECT_EQ(tell_at(20, 2, MessageKind::kHello), Reception::kAccepted);
  EXPECT_EQ(tell_at(10, 2, MessageKind::kGoodbye), Reception::kLate);
  EXPECT_EQ(answer(2, 20), Reception::kAccepted) << "it is there";
  aggregated(15);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2});
  EXPECT_EQ(tell_at(300, 2, MessageKind::kGoodbye), Reception::kAccepted);
  EXPECT_EQ(tell_at(250, 2, MessageKind::kHello), Reception::kLate);
  EXPECT_TRUE(sent(MessageKind::kModel).empty()) << "it is not";
  EXPECT_EQ(tell_at(400, 2, MessageKind::kHello), Reception::kAccepted);
  EXPECT_EQ(tell_at(400, 2, MessageKind::kHello), Reception::kLate) << "a second copy";
}

TEST_F(AsyncServer, RefusesAHelloWithoutATime) {
  start(FedasyncOptions{});
  EXPECT_EQ(server_->on_message({.from = 2, .kind = MessageKind::kHello, .model = {}}, effects_),
            Reception::kRefused);
}

TEST_F(AsyncServer, GivesAllNewTasksAfterARestart) {
  start(FedbuffOptions{.buffer = 2});
  const Message task = given_.at(2);
  static_cast<void>(answer(1, 11));
  server_->on_start(model_of(10), StartKind::kRestarted, effects_);
  look();
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_EQ(answer(task, 1), Reception::kLate);
  static_cast<void>(answer(4, 13));
  EXPECT_FALSE(seen_.aggregate) << "the buffer was lost";
}

TEST_F(AsyncServer, NamesThoseItHasGivenTasks) {
  start(FedasyncOptions{}, {4});
  EXPECT_EQ(server_->waiting_for(), (Ids{1, 2}));
}

}  // namespace
}  // namespace hearsay

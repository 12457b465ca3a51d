#include "node/protocols/fedavg.hpp"

#include <gtest/gtest.h>

#include "tests/protocols/server_fixture.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

class FedavgServer : public ServerPeer {
 protected:
  void round(float first) {
    for (const PeerId client : sent(MessageKind::kModel)) {
      ASSERT_EQ(answer(client, first), Reception::kAccepted);
    }
  }
  static constexpr FedavgOptions kDrop{
      .rounds = 5, .missing = MissingClients::kDrop, .timeout = {77}, .least = 2};
};

TEST_F(FedavgServer, SendsItsModelToAllAndDoesNotTrain) {
  start(FedavgOptions{});
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_EQ(value_of(given_.at(2).model), 10);
  EXPECT_EQ(given_.at(2).round, 0);
  EXPECT_EQ(note_of(2).steps, 0);
  EXPECT_FALSE(seen_.train);
  EXPECT_TRUE(seen_.timers.empty()) << "it waits for ever";
}

TEST_F(FedavgServer, CombinesAllAnswersEquallyAndItsOwnModelNot) {
  start(FedavgOptions{});
  EXPECT_EQ(answer(4, 40), Reception::kAccepted);
  EXPECT_EQ(answer(1, 11), Reception::kAccepted);
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_EQ(server_->waiting_for(), Ids{2});
  EXPECT_EQ(answer(2, 22), Reception::kAccepted);
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_EQ(seen_.aggregate->own_weight, 0.0);
  EXPECT_EQ(value_of(seen_.aggregate->own), 10);
  ASSERT_EQ(seen_.aggregate->received.size(), 3U);
  const std::array<float, 3> values{11, 22, 40};
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(seen_.aggregate->received[k].sender, kClients[k]);
    EXPECT_DOUBLE_EQ(seen_.aggregate->received[k].weight, 1.0 / 3);
    EXPECT_EQ(value_of(seen_.aggregate->received[k].model), values[k]);
  }
}

TEST_F(FedavgServer, ReportsEveryRoundAndEndsWithTheFinalModelForAll) {
  start(FedavgOptions{.rounds = 2});
  round(20);
  aggregated(21);
  EXPECT_EQ(seen_.completed->round, 1);
  EXPECT_FALSE(seen_.finished);
  EXPECT_EQ(given_.at(4).round, 1);
  EXPECT_EQ(value_of(given_.at(4).model), 21);
  round(30);
  aggregated(31);
  EXPECT_EQ(seen_.completed->round, 2);
  EXPECT_TRUE(seen_.finished);
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_TRUE(note_of(1).is_last);
  EXPECT_TRUE(server_->waiting_for().empty());
  EXPECT_EQ(tell(2, MessageKind::kHello), Reception::kAccepted);
  EXPECT_TRUE(note_of(2).is_last);
}

TEST_F(FedavgServer, DrawsAsManyClientsAsItIsToldEachOfThemSometimes) {
  start(FedavgOptions{.rounds = 200, .clients = {2}});
  std::map<PeerId, int> drawn;
  for (int turn = 0; turn < 100; ++turn) {
    const Ids chosen = sent(MessageKind::kModel);
    ASSERT_EQ(chosen.size(), 2U);
    ASSERT_LT(chosen[0], chosen[1]);
    for (const PeerId client : chosen) {
      ++drawn[client];
      static_cast<void>(answer(client, 1));
    }
    ASSERT_TRUE(seen_.aggregate);
    EXPECT_DOUBLE_EQ(seen_.aggregate->received[0].weight, 0.5);
    aggregated(1);
  }
  // Binomial(100, 2/3): mean 66.7, standard deviation 4.7.
  for (const PeerId client : kClients) EXPECT_NEAR(drawn[client], 66.7, 5 * 4.7);
}

TEST_F(FedavgServer, RefusesWhatItDidNotAskForAndIsLateForOldRounds) {
  start(FedavgOptions{.clients = {2}});
  const Ids chosen = sent(MessageKind::kModel);
  const Message task = given_.at(chosen[0]);
  Message stranger = task;
  stranger.to = 3;
  EXPECT_EQ(answer(stranger, 1), Reception::kRefused);
  Message other = task;
  for (const PeerId client : kClients) {
    if (client != chosen[0] && client != chosen[1]) other.to = client;
  }
  EXPECT_EQ(answer(other, 1), Reception::kRefused) << "was not drawn";
  Message round = task;
  round.round = 1;
  EXPECT_EQ(answer(round, 1), Reception::kRefused);
  EXPECT_EQ(tell(1, MessageKind::kPing), Reception::kRefused);
  EXPECT_EQ(answer(task, 1), Reception::kAccepted);
  EXPECT_EQ(answer(task, 2), Reception::kRefused) << "a second copy";
  static_cast<void>(answer(chosen[1], 1));
  aggregated(5);
  for (const PeerId client : sent(MessageKind::kModel)) static_cast<void>(answer(client, 1));
  EXPECT_EQ(answer(task, 1),
            given_.at(chosen[0]).round > 0 ? Reception::kLate : Reception::kRefused);
}

TEST_F(FedavgServer, GoesOnAfterTheTimeoutIfEnoughHaveAnswered) {
  start(kDrop);
  ASSERT_EQ(seen_.timers.size(), 1U);
  EXPECT_EQ(seen_.timers[0].delay, SimTime{77});
  const std::uint64_t timer = seen_.timers[0].id;
  static_cast<void>(answer(1, 11));
  static_cast<void>(answer(4, 44));
  EXPECT_FALSE(seen_.aggregate);
  time_out(timer);
  ASSERT_TRUE(seen_.aggregate);
  ASSERT_EQ(seen_.aggregate->received.size(), 2U);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[1].weight, 0.5);
  aggregated(20);
  time_out(timer);
  EXPECT_FALSE(seen_.aggregate) << "a timer of an earlier round";
}

TEST_F(FedavgServer, ARoundWithTooFewAnswersChangesNothing) {
  start(kDrop);
  const std::uint64_t timer = seen_.timers[0].id;
  const Message task = given_.at(2);
  static_cast<void>(answer(1, 11));
  time_out(timer);
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_EQ(seen_.completed->round, 1);
  EXPECT_EQ(value_of(seen_.completed->model), 10);
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_EQ(answer(task, 1), Reception::kLate);
}

TEST_F(FedavgServer, DoesNotWaitTwiceForOneThatIsSilentUntilItIsHeard) {
  start(kDrop);
  static_cast<void>(answer(1, 11));
  static_cast<void>(answer(2, 11));
  const Message task = given_.at(4);
  time_out(0);
  ASSERT_TRUE(seen_.aggregate);
  aggregated(12);
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4})) << "4 is still given its task";
  static_cast<void>(answer(1, 13));
  static_cast<void>(answer(2, 13));
  ASSERT_TRUE(seen_.aggregate) << "without waiting for 4";
  EXPECT_EQ(answer(task, 14), Reception::kLate);
  aggregated(15);
  static_cast<void>(answer(1, 13));
  static_cast<void>(answer(2, 13));
  EXPECT_FALSE(seen_.aggregate) << "4 has been heard";
}

TEST_F(FedavgServer, AnAnswerDuringTheAggregationIsLate) {
  start(kDrop);
  static_cast<void>(answer(1, 11));
  static_cast<void>(answer(2, 11));
  time_out(0);
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_EQ(answer(4, 44), Reception::kLate);
  aggregated(12);
  EXPECT_EQ(seen_.completed->round, 1);
}

TEST_F(FedavgServer, NobodyWaitsForAClientThatLeaves) {
  start(FedavgOptions{});
  static_cast<void>(answer(1, 11));
  static_cast<void>(answer(2, 22));
  EXPECT_EQ(tell(4, MessageKind::kGoodbye), Reception::kAccepted);
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_EQ(seen_.aggregate->received.size(), 2U);
  aggregated(16);
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2}));
}

TEST_F(FedavgServer, AClientThatComesTakesPartAtOnce) {
  start(FedavgOptions{}, {2});
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 4}));
  EXPECT_EQ(tell(2, MessageKind::kHello), Reception::kAccepted);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2});
  EXPECT_EQ(tell(2, MessageKind::kHello), Reception::kAccepted);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2}) << "again, it has not answered";
  static_cast<void>(answer(2, 1));
  EXPECT_EQ(tell(2, MessageKind::kHello), Reception::kAccepted);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{}) << "it has answered";
  EXPECT_EQ(sent(MessageKind::kPong), Ids{2});
}

TEST_F(FedavgServer, WaitsForSomebodyIfAllHaveLeft) {
  start(FedavgOptions{});
  for (const PeerId client : kClients) static_cast<void>(tell(client, MessageKind::kGoodbye));
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_EQ(server_->waiting_for(), (Ids{1, 2, 4}));
  static_cast<void>(tell(2, MessageKind::kHello));
  static_cast<void>(answer(2, 5));
  ASSERT_TRUE(seen_.aggregate);
}

TEST_F(FedavgServer, BeginsItsRoundAgainAfterARestart) {
  start(FedavgOptions{}, {4});
  round(20);
  aggregated(21);
  const Message task = given_.at(1);
  static_cast<void>(answer(2, 30));
  server_->on_start(model_of(21), StartKind::kRestarted, effects_);
  look();
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2}));
  EXPECT_EQ(sent(MessageKind::kHello), Ids{4}) << "it may have come meanwhile";
  EXPECT_EQ(given_.at(1).round, 1);
  EXPECT_GT(note_of(1).id, 0);
  EXPECT_EQ(answer(task, 1), Reception::kLate) << "of the life before";
}

TEST_F(FedavgServer, NumbersItsTasksUpwardsEvenIfItForgets) {
  effects_.now = {1000};
  start(FedavgOptions{});
  const std::int64_t before = note_of(4).id;
  EXPECT_GT(before, note_of(1).id);
  effects_.now = {5000};
  start(FedavgOptions{});
  EXPECT_GT(note_of(1).id, before);
}

TEST(Fedavg, SaysWhichGraphFits) {
  const auto said = [](const FedavgOptions& options, const TopologyOptions& topology, int n) {
    return unfit(options, make_chosen(topology, n, Rng(1))).value_or("");
  };
  EXPECT_EQ(said({}, StarOptions{}, 5), "");
  EXPECT_EQ(said({.server = 3}, CompleteOptions{}, 5), "");
  EXPECT_EQ(said({.server = 1}, StarOptions{}, 5),
            "peer 2 is no neighbor of the server 1: use topology star with server 0, or complete");
  EXPECT_EQ(said({}, RingOptions{}, 5),
            "peer 2 is no neighbor of the server 0: use topology star with server 0, or complete");
  EXPECT_EQ(said({.server = 5}, StarOptions{}, 5), "server 5 is no peer: choose 0 to 4");
  EXPECT_EQ(said({}, StarOptions{}, 1),
            "a server needs clients, got 1 peer: use at least 2, or protocol local");
  EXPECT_EQ(said({.missing = MissingClients::kDrop, .least = 5}, StarOptions{}, 5),
            "least 5 is more than the clients of a round: use 4 or less");
}

}  // namespace
}  // namespace hearsay

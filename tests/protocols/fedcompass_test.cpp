#include "node/protocols/fedcompass.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/protocols/server_fixture.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

// Clients 1, 2 and 4, alpha / n = 0.3, constant weights unless said otherwise. Times in
// whole seconds.
class FedcompassServer : public ServerPeer {
 protected:
  static constexpr FedcompassOptions kPlain{.q_min = 20,
                                            .q_max = 100,
                                            .lambda = 1.2,
                                            .alpha = 0.9,
                                            .staleness = ConstantStalenessOptions{}};

  void at(std::int64_t seconds) { effects_.now = {seconds * 1'000'000'000}; }

  // The client's answer at a time, and what the server makes of it if it aggregates: w.
  void answer_at(std::int64_t seconds, PeerId client, float value) {
    at(seconds);
    ASSERT_EQ(answer(client, value), Reception::kAccepted);
  }

  // All first tasks done: client 1 at 20 s, 2 at 40 s, 4 at 80 s, so that a step takes them
  // 1, 2 and 4 s; the model stays 10. Group 0 of client 1: expected 120 s, latest 140 s;
  // client 2 joins it with 40 steps. Client 4 would do 10, so it opens group 1 with
  // (140 + 100 - 80) / 4 = 40 steps: expected 240 s, latest 272 s.
  void pass_first_tasks(const FedcompassOptions& options) {
    start(options);
    for (const auto& [seconds, client] : {std::pair{20, 1}, {40, 2}, {80, 4}}) {
      answer_at(seconds, client, 10);
      ASSERT_TRUE(seen_.aggregate);
      aggregated(10);
    }
  }
};

TEST_F(FedcompassServer, BeginsWithTheFewestSteps) {
  start(kPlain);
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  for (const PeerId client : kClients) EXPECT_EQ(note_of(client).steps, 20);
  EXPECT_TRUE(seen_.timers.empty());
}

TEST_F(FedcompassServer, AppliesAFirstUpdateAtOnceAndAssignsTheClient) {
  start(kPlain);
  answer_at(20, 1, 13);
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_DOUBLE_EQ(seen_.aggregate->own_weight, 0.7);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received.at(0).weight, 0.3);
  EXPECT_EQ(value_of(seen_.aggregate->received[0].model), 13);
  EXPECT_TRUE(sent(MessageKind::kModel).empty());
  aggregated(10.9F);
  EXPECT_EQ(seen_.completed->round, 1);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{1});
  EXPECT_EQ(note_of(1).steps, 100);
  EXPECT_EQ(given_.at(1).round, 1);
  ASSERT_EQ(seen_.timers.size(), 1U) << "of the new group";
  EXPECT_EQ(seen_.timers[0].delay.seconds(), 120);
}

TEST_F(FedcompassServer, AssignsStepsSoThatAGroupArrivesTogether) {
  pass_first_tasks(kPlain);
  EXPECT_EQ(note_of(1).steps, 100);
  EXPECT_EQ(note_of(2).steps, 40);
  EXPECT_EQ(note_of(4).steps, 40);
  EXPECT_EQ(given_.at(4).round, 3);
}

TEST_F(FedcompassServer, AGroupGoesOnTogetherOnceAllHaveArrived) {
  pass_first_tasks({.q_min = 20, .q_max = 100, .lambda = 1.2, .alpha = 0.9});
  answer_at(120, 2, 16);
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_TRUE(sent(MessageKind::kModel).empty()) << "it waits for its group";
  answer_at(120, 1, 13);
  ASSERT_TRUE(seen_.aggregate);
  // There are 3 models; client 1 began with model 1, client 2 with model 2.
  ASSERT_EQ(seen_.aggregate->received.size(), 2U);
  EXPECT_EQ(seen_.aggregate->received[0].round, 1);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[0].weight, 0.3 / std::sqrt(3.0));
  EXPECT_EQ(value_of(seen_.aggregate->received[0].model), 13);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[1].weight, 0.3 / std::sqrt(2.0));
  aggregated(11);
  EXPECT_EQ(seen_.completed->round, 4) << "one model for the group";
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2})) << "the fastest first";
  // (240 - 120) / 1 is too many for client 1: (272 + 4 * 100 - 120) / 1 also, so 100.
  EXPECT_EQ(note_of(1).steps, 100);
  EXPECT_EQ(note_of(2).steps, 60) << "with client 4 at 240 s";
}

TEST_F(FedcompassServer, AGroupDoesNotWaitBeyondItsLatestTime) {
  pass_first_tasks(kPlain);
  answer_at(120, 2, 16);
  at(140);
  time_out(0);
  ASSERT_TRUE(seen_.aggregate);
  ASSERT_EQ(seen_.aggregate->received.size(), 1U);
  EXPECT_EQ(seen_.aggregate->received[0].sender, 2);
  aggregated(12);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2});
  time_out(0);
  EXPECT_FALSE(seen_.aggregate) << "of a group that has gone on";
}

TEST_F(FedcompassServer, ALateUpdateEntersWithTheNextGroupAndTheClientGoesOnAtOnce) {
  pass_first_tasks(kPlain);
  answer_at(120, 2, 16);
  at(140);
  time_out(0);
  aggregated(12);
  answer_at(150, 1, 40);  // It began with 10: a change of 30.
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_EQ(sent(MessageKind::kModel), Ids{1});
  EXPECT_EQ(value_of(given_.at(1).model), 12) << "unchanged";
  EXPECT_EQ(given_.at(1).round, 4);
  // At 140 s client 2 joined client 4's group, 50 steps until 240 s. Both arrive; client 1,
  // now at 0.1 * 1 + 0.9 * 1.3 = 1.27 s, joined as well with floor(90 / 1.27) = 70 steps.
  EXPECT_EQ(note_of(2).steps, 50);
  EXPECT_EQ(note_of(1).steps, 70);
  answer_at(240, 2, 12);
  answer_at(240, 4, 10);
  EXPECT_FALSE(seen_.aggregate);
  answer_at(240, 1, 15);
  ASSERT_TRUE(seen_.aggregate);
  // Both updates of client 1, changes 30 and 3: as one model 12 + 33 / 2 of weight 0.6.
  ASSERT_EQ(seen_.aggregate->received.size(), 3U);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[0].weight, 0.6);
  EXPECT_FLOAT_EQ(value_of(seen_.aggregate->received[0].model), 12 + 33.0F / 2);
  aggregated(20);
  answer_at(340, 1, 20);
  for (const PeerId client : {2, 4}) {
    if (!seen_.aggregate) answer_at(340, client, 20);
  }
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_DOUBLE_EQ(seen_.aggregate->received[0].weight, 0.3) << "a late update counts once";
}

TEST_F(FedcompassServer, AGroupOfWhichNobodyHasArrivedDoesNothing) {
  pass_first_tasks(kPlain);
  at(140);
  time_out(0);
  EXPECT_FALSE(seen_.aggregate);
  answer_at(141, 1, 13);
  answer_at(142, 2, 13);
  EXPECT_FALSE(seen_.aggregate) << "both are late";
  answer_at(240, 4, 16);
  for (const PeerId client : {1, 2}) {
    if (!seen_.aggregate) answer_at(240, client, 10);
  }
  ASSERT_TRUE(seen_.aggregate);
  double weights = 0.0;
  for (const HeardModel& heard : seen_.aggregate->received) weights += heard.weight;
  EXPECT_NEAR(weights, 5 * 0.3, 1e-12) << "three in time, two late";
}

TEST_F(FedcompassServer, WhatHappensDuringAnAggregationWaitsButIsNotLateForThat) {
  pass_first_tasks(kPlain);
  answer_at(120, 2, 16);
  at(140);
  time_out(0);
  ASSERT_TRUE(seen_.aggregate);
  // Client 4, in time at 271 s, while the aggregation goes on until 300 s.
  answer_at(271, 4, 14);
  at(272);
  time_out(1);
  EXPECT_FALSE(seen_.aggregate);
  at(300);
  aggregated(12);
  EXPECT_EQ(note_of(2).steps, 100) << "group 1 was over at 300 s";
  ASSERT_TRUE(seen_.aggregate) << "client 4 was alone in its group";
  EXPECT_EQ(seen_.aggregate->received.at(0).sender, 4);
}

TEST_F(FedcompassServer, AClientThatComesBackLeavesItsGroupAndIsAssignedAnew) {
  pass_first_tasks(kPlain);
  answer_at(100, 2, 16);
  at(110);
  static_cast<void>(tell(1, MessageKind::kHello));
  // It joins client 4's group? (240 - 110) / 1 = 130 is too many. (140 + 100 - 110) / 1 with
  // its former group too. So 100 steps, and its former group is complete without it.
  EXPECT_EQ(sent(MessageKind::kModel), Ids{1});
  EXPECT_EQ(note_of(1).steps, 100);
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_EQ(seen_.aggregate->received.size(), 1U);
}

TEST_F(FedcompassServer, AClientThatComesBackAfterItArrivedWaitsOn) {
  pass_first_tasks(kPlain);
  answer_at(120, 2, 16);
  static_cast<void>(tell(2, MessageKind::kHello));
  EXPECT_EQ(sent(MessageKind::kPong), Ids{2});
  static_cast<void>(tell(2, MessageKind::kGoodbye));
  static_cast<void>(tell(2, MessageKind::kHello));
  EXPECT_EQ(sent(MessageKind::kPong), Ids{2}) << "its update is not lost either";
  answer_at(120, 1, 13);
  EXPECT_EQ(seen_.aggregate->received.size(), 2U);
  aggregated(11);
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2}));
}

TEST_F(FedcompassServer, AGroupGoesOnWithoutOneThatLeaves) {
  pass_first_tasks(kPlain);
  answer_at(120, 2, 16);
  static_cast<void>(tell(1, MessageKind::kGoodbye));
  ASSERT_TRUE(seen_.aggregate);
  EXPECT_EQ(seen_.aggregate->received.size(), 1U);
}

TEST_F(FedcompassServer, OneWhoseFirstTaskWasLostBeginsAgainWithTheFewestSteps) {
  start(kPlain);
  const Message lost = given_.at(2);
  at(50);
  static_cast<void>(tell(2, MessageKind::kHello));
  EXPECT_EQ(sent(MessageKind::kModel), Ids{2});
  EXPECT_EQ(note_of(2).steps, 20);
  EXPECT_EQ(answer(lost, 1), Reception::kLate);
  answer_at(90, 2, 10);
  aggregated(10);
  EXPECT_EQ(seen_.timers.at(0).delay.seconds(), 1.2 * 100 * 2) << "40 s for 20 steps";
}

TEST_F(FedcompassServer, KeepsSpeedsButNoGroupsAfterARestart) {
  pass_first_tasks(kPlain);
  answer_at(120, 2, 16);
  at(200);
  server_->on_start(model_of(10), StartKind::kRestarted, effects_);
  look();
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_EQ(note_of(1).steps, 100);
  EXPECT_EQ(note_of(2).steps, 50);
  EXPECT_EQ(note_of(4).steps, 25);
  EXPECT_EQ(seen_.timers.size(), 1U);
}

TEST_F(FedcompassServer, FinishesAfterItsRounds) {
  start(FedcompassOptions{.rounds = 2});
  answer_at(20, 1, 13);
  answer_at(20, 2, 13);
  aggregated(11);
  EXPECT_FALSE(seen_.finished);
  ASSERT_TRUE(seen_.aggregate);
  answer_at(21, 4, 13);
  aggregated(12);
  EXPECT_TRUE(seen_.finished);
  EXPECT_FALSE(seen_.aggregate);
  EXPECT_EQ(sent(MessageKind::kModel), (Ids{1, 2, 4}));
  EXPECT_TRUE(note_of(4).is_last);
  static_cast<void>(tell(4, MessageKind::kHello));
  EXPECT_TRUE(note_of(4).is_last);
}

TEST(Fedcompass, SaysWhichStepsFit) {
  const Graph star = make_chosen(TopologyOptions(StarOptions{}), 3, Rng(1));
  EXPECT_EQ(unfit(FedcompassOptions{}, star), std::nullopt);
  EXPECT_EQ(unfit(FedcompassOptions{.q_min = 30, .q_max = 20}, star),
            "q_min 30 exceeds q_max 20: use 20 or less");
}

}  // namespace
}  // namespace hearsay

#include "node/protocols/modest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "node/protocols/membership_view.hpp"
#include "node/protocols/message_data.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

using Peers = std::vector<PeerId>;

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

std::vector<Message> of_kind(const Effects& effects, MessageKind kind) {
  std::vector<Message> found;
  std::ranges::copy_if(effects.sends, std::back_inserter(found),
                       [&](const Message& message) { return message.kind == kind; });
  return found;
}

Peers receivers(const Effects& effects, MessageKind kind) {
  Peers peers;
  for (const Message& message : of_kind(effects, kind)) peers.push_back(message.to);
  std::ranges::sort(peers);
  return peers;
}

MembershipView view_in(const Message& message) {
  MembershipView view;
  EXPECT_TRUE(unpack(message.data, view));
  return view;
}

// One of eight peers. The orders of the first rounds, of which four train:
//   1: 2 7 1 4 3 6 0 5     2: 5 7 4 6 0 1 2 3     3: 0 7 3 2 5 1 6 4
class ModestPeer : public testing::Test {
 protected:
  static constexpr int kPeers = 8;

  void make(PeerId self, ModestOptions options = {}, const Peers& absent = {}) {
    self_ = self;
    options.sample_size = 4;
    neighbors_.clear();
    for (PeerId peer = 0; peer < kPeers; ++peer) {
      if (peer != self) neighbors_.push_back(peer);
    }
    peer_ = make_protocol(options,
                          {.self = self, .neighbors = neighbors_, .absent = absent, .rng = Rng(4)});
  }

  Effects start(StartKind how = StartKind::kTogether, SimTime now = {}) {
    effects_ = {};
    effects_.now = now;
    peer_->on_start(model_of(1), how, effects_);
    return take();
  }

  Effects begin(PeerId self, const ModestOptions& options = {}, const Peers& absent = {}) {
    make(self, options, absent);
    return start();
  }

  Reception deliver(Message message) {
    message.to = self_;
    return peer_->on_message(std::move(message), effects_);
  }

  Reception send_view(PeerId from, MessageKind kind, int round, float value) {
    return deliver({.from = from,
                    .kind = kind,
                    .round = round,
                    .model = model_of(value),
                    .data = pack(MembershipView())});
  }

  Reception send_mean(PeerId from, int round, float value) {
    return send_view(from, MessageKind::kModel, round, value);
  }
  Reception send_trained(PeerId from, int round, float value) {
    return send_view(from, MessageKind::kTrained, round, value);
  }

  Reception advertise(PeerId from, MembershipChange change, std::int64_t counter = 1) {
    return deliver({.from = from,
                    .kind = MessageKind::kMembership,
                    .model = {},
                    .data = pack(counter, change)});
  }

  // Answers the pings among these effects.
  Effects answer(const Effects& effects, const Peers& silent = {}) {
    for (const Message& ping : of_kind(effects, MessageKind::kPing)) {
      if (std::ranges::count(silent, ping.to) > 0) continue;
      EXPECT_EQ(
          deliver({.from = ping.to, .kind = MessageKind::kPong, .model = {}, .data = ping.data}),
          Reception::kAccepted);
    }
    return take();
  }

  Effects train(float value) {
    peer_->on_trained(model_of(value), 0.5, effects_);
    return take();
  }

  Effects average(float value) {
    peer_->on_aggregated(model_of(value), effects_);
    return take();
  }

  // Lets all timers of this delay go off.
  Effects elapse(const Effects& effects, SimTime delay) {
    for (const TimerRequest& timer : effects.timers) {
      if (timer.delay == delay) peer_->on_timer(timer.id, effects_);
    }
    return take();
  }

  Effects fill_inbox(int round) {
    for (const PeerId sender : {7, 1, 4, 3}) {
      if (sender != self_) static_cast<void>(send_trained(sender, round, 1));
    }
    return take();
  }

  Effects take() { return std::exchange(effects_, {}); }

  static constexpr SimTime kTimeout{5'000'000'000};
  static constexpr SimTime kAskAgain{1'000'000'000};

  PeerId self_ = 0;
  Peers neighbors_;
  std::unique_ptr<Protocol> peer_;
  Effects effects_;
};

TEST_F(ModestPeer, TrainsAtOnceIfItIsInTheFirstSample) {
  for (PeerId self = 0; self < kPeers; ++self) {
    const bool is_in = std::set<PeerId>{2, 7, 1, 4}.contains(self);
    EXPECT_EQ(begin(self).train.has_value(), is_in) << self;
  }
  EXPECT_TRUE(begin(3, {}, {7}).train) << "of those that are there, 3 is among the first four";
}

TEST_F(ModestPeer, SendsWhatItTrainedToTheFirstAggregatorThatAnswers) {
  begin(2);
  const Effects trained = train(20);
  EXPECT_EQ(receivers(trained, MessageKind::kPing), Peers{5});
  EXPECT_TRUE(of_kind(trained, MessageKind::kTrained).empty());
  EXPECT_EQ(peer_->waiting_for(), Peers{5});
  const Effects late = elapse(trained, kTimeout);
  EXPECT_EQ(receivers(late, MessageKind::kPing), Peers{7});
  const Effects sent = answer(late);
  ASSERT_EQ(sent.sends.size(), 1U);
  EXPECT_EQ(sent.sends[0].to, 7);
  EXPECT_EQ(sent.sends[0].kind, MessageKind::kTrained);
  EXPECT_EQ(sent.sends[0].round, 2);
  EXPECT_EQ(value_of(sent.sends[0].model), 20);
  EXPECT_EQ(view_in(sent.sends[0]).peers().size(), 8U);
  EXPECT_TRUE(peer_->waiting_for().empty());
}

TEST_F(ModestPeer, SendsWhatItTrainedToEachOfSeveralAggregators) {
  begin(2, {.aggregators = 3});
  const Effects sent = answer(train(20));
  EXPECT_EQ(receivers(sent, MessageKind::kTrained), (Peers{4, 5, 7}));
}

TEST_F(ModestPeer, AsksASecondTimeBeforeItGivesUp) {
  begin(2);
  const Effects trained = train(20);
  const Effects again = elapse(trained, kAskAgain);
  EXPECT_EQ(receivers(again, MessageKind::kPing), Peers{5});
  EXPECT_TRUE(again.timers.empty());
  answer(again);
  EXPECT_TRUE(elapse(trained, kAskAgain).sends.empty()) << "it has answered";
  EXPECT_TRUE(elapse(trained, kTimeout).sends.empty());
}

TEST_F(ModestPeer, AnswersPingsWithTheirDataAndTheNewestRound) {
  begin(3);
  static_cast<void>(send_mean(6, 9, 1));
  take();
  const Buffer data = pack(std::uint64_t{77});
  EXPECT_EQ(deliver({.from = 6, .kind = MessageKind::kPing, .model = {}, .data = data}),
            Reception::kAccepted);
  ASSERT_EQ(effects_.sends.size(), 1U);
  EXPECT_EQ(effects_.sends[0].kind, MessageKind::kPong);
  EXPECT_EQ(effects_.sends[0].round, 9);
  EXPECT_EQ(effects_.sends[0].data.digest(), data.digest());
}

TEST_F(ModestPeer, AveragesAFullInboxWithEqualWeightsInTheOrderOfSenders) {
  begin(5);
  for (const PeerId sender : {7, 2, 4}) {
    EXPECT_EQ(send_trained(sender, 2, static_cast<float>(sender)), Reception::kAccepted);
  }
  EXPECT_EQ(send_trained(4, 2, 99), Reception::kRefused) << "the first of each sender counts";
  EXPECT_FALSE(effects_.aggregate);
  EXPECT_EQ(peer_->waiting_for(), Peers{1}) << "of 2, 7, 1, 4";
  EXPECT_EQ(send_trained(1, 2, 1), Reception::kAccepted);
  const Effects full = take();
  ASSERT_TRUE(full.aggregate);
  EXPECT_EQ(full.aggregate->own_weight, 0.25);
  EXPECT_EQ(value_of(full.aggregate->own), 1);
  ASSERT_EQ(full.aggregate->received.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const HeardModel& heard = full.aggregate->received[i];
    EXPECT_EQ(heard.sender, (Peers{2, 4, 7})[i]);
    EXPECT_EQ(heard.weight, 0.25);
    EXPECT_EQ(value_of(heard.model), static_cast<float>(heard.sender));
  }
  EXPECT_EQ(send_trained(3, 2, 3), Reception::kLate);
  EXPECT_FALSE(effects_.aggregate);
}

TEST_F(ModestPeer, WaitsForTheSuccessFractionOnly) {
  begin(5, {.success_fraction = {0.5}});
  static_cast<void>(send_trained(7, 2, 1));
  EXPECT_FALSE(effects_.aggregate);
  static_cast<void>(send_trained(2, 2, 1));
  EXPECT_TRUE(effects_.aggregate);
}

TEST_F(ModestPeer, SendsTheMeanToTheSampleAndTrainsItselfIfItIsInIt) {
  begin(5);
  fill_inbox(2);
  static_cast<void>(send_trained(2, 2, 1));
  take();
  const Effects averaged = average(9);
  ASSERT_TRUE(averaged.completed);
  EXPECT_EQ(averaged.completed->round, 1);
  EXPECT_EQ(receivers(averaged, MessageKind::kPing), (Peers{4, 6, 7}));
  const Effects sent = answer(averaged);
  EXPECT_EQ(receivers(sent, MessageKind::kModel), (Peers{4, 6, 7}));
  EXPECT_EQ(of_kind(sent, MessageKind::kModel)[0].round, 2);
  ASSERT_TRUE(sent.train);
  EXPECT_EQ(value_of(sent.train->model), 9);
  EXPECT_FALSE(sent.completed) << "reported when it was made";
}

TEST_F(ModestPeer, PassesOverTrainersThatDoNotAnswer) {
  begin(5);
  fill_inbox(2);
  static_cast<void>(send_trained(2, 2, 1));
  take();
  const Effects averaged = average(9);
  answer(averaged, {7, 6});
  const Effects next = elapse(averaged, kTimeout);
  EXPECT_EQ(receivers(next, MessageKind::kPing), (Peers{0, 1}));
  EXPECT_EQ(receivers(answer(next), MessageKind::kModel), (Peers{0, 1, 4}));
}

TEST_F(ModestPeer, LeavesARoundThatIsSupersededWhileItAverages) {
  begin(5, {.success_fraction = {0.25}});
  static_cast<void>(send_trained(2, 2, 1));
  ASSERT_TRUE(take().aggregate);
  EXPECT_EQ(send_trained(6, 4, 6), Reception::kAccepted);
  EXPECT_FALSE(take().aggregate) << "one at a time";
  const Effects old = average(9);
  EXPECT_FALSE(old.completed);
  EXPECT_TRUE(old.sends.empty());
  ASSERT_TRUE(old.aggregate) << "the newer round's turn";
  EXPECT_EQ(value_of(old.aggregate->own), 6);
  EXPECT_EQ(send_trained(7, 3, 1), Reception::kLate);
}

TEST_F(ModestPeer, LeavesARoundThatIsSupersededWhileItSeeksTrainers) {
  begin(5, {.success_fraction = {0.25}});
  static_cast<void>(send_trained(2, 2, 1));
  take();
  const Effects averaged = average(9);
  static_cast<void>(send_trained(6, 4, 6));
  take();
  const Message ping = of_kind(averaged, MessageKind::kPing).at(0);
  EXPECT_EQ(deliver({.from = ping.to, .kind = MessageKind::kPong, .model = {}, .data = ping.data}),
            Reception::kLate);
  EXPECT_TRUE(elapse(averaged, kTimeout).sends.empty());
}

TEST_F(ModestPeer, GivesUpTrainingForANewerRound) {
  begin(2);
  EXPECT_EQ(send_mean(6, 3, 30), Reception::kAccepted);
  const Effects newer = take();
  EXPECT_TRUE(newer.stop_training);
  ASSERT_TRUE(newer.train);
  EXPECT_EQ(value_of(newer.train->model), 30);
  ASSERT_TRUE(newer.completed);
  EXPECT_EQ(newer.completed->round, 2);
  EXPECT_EQ(send_mean(7, 3, 31), Reception::kLate) << "the second copy";
  EXPECT_EQ(send_mean(7, 2, 31), Reception::kLate);
  EXPECT_FALSE(take().train);
  train(40);
  EXPECT_EQ(send_mean(7, 3, 31), Reception::kLate) << "no second training in a round";
  EXPECT_EQ(send_mean(7, 5, 50), Reception::kAccepted);
  EXPECT_FALSE(take().stop_training) << "it was not training";
  EXPECT_TRUE(peer_->waiting_for().empty()) << "nor does it still seek an aggregator";
}

TEST_F(ModestPeer, WaitsForEverUnlessThereIsAnAggregationTimeout) {
  begin(5);
  static_cast<void>(send_trained(2, 2, 1));
  EXPECT_TRUE(take().timers.empty());
  constexpr SimTime kPatience{77};
  begin(5, {.aggregation_timeout = kPatience});
  static_cast<void>(send_trained(2, 2, 1));
  const Effects first = take();
  static_cast<void>(send_trained(7, 2, 1));
  EXPECT_TRUE(effects_.timers.empty()) << "from the first model on";
  const Effects overdue = elapse(first, kPatience);
  ASSERT_TRUE(overdue.aggregate);
  EXPECT_EQ(overdue.aggregate->own_weight, 0.5);
  EXPECT_FALSE(elapse(first, kPatience).aggregate);
}

TEST_F(ModestPeer, AJoinTakesEffectAfterTheNextModelHasBeenSent) {
  begin(2, {.aggregators = 4}, {6});
  EXPECT_EQ(advertise(6, MembershipChange::kJoin), Reception::kAccepted);
  const Effects trained = train(20);
  EXPECT_EQ(receivers(trained, MessageKind::kPing), (Peers{0, 4, 5, 7})) << "not 6";
  EXPECT_EQ(view_in(of_kind(answer(trained), MessageKind::kTrained)[0]).peers().size(), 7U);
  static_cast<void>(send_mean(7, 6, 1));
  take();
  // order(7) = 7 6 4 1 0 2 5 3 of all eight.
  EXPECT_EQ(receivers(train(21), MessageKind::kPing), (Peers{1, 4, 6, 7}));
}

TEST_F(ModestPeer, ALeaveTakesEffectAtOnce) {
  begin(2);
  EXPECT_EQ(advertise(5, MembershipChange::kLeave), Reception::kAccepted);
  EXPECT_EQ(receivers(train(20), MessageKind::kPing), Peers{7});
}

TEST_F(ModestPeer, PassesOverPeersThatWereNotActiveInTheWindow) {
  begin(2, {.aggregators = 4, .inactive_rounds = 20});
  static_cast<void>(send_mean(6, 20, 1));  // Only 2 and 6 were active after round 0.
  take();
  EXPECT_EQ(receivers(train(20), MessageKind::kPing), Peers{6});
  begin(2, {.aggregators = 4, .inactive_rounds = 21});
  static_cast<void>(send_mean(6, 20, 1));
  take();
  EXPECT_EQ(receivers(train(20), MessageKind::kPing).size(), 4U);
}

TEST_F(ModestPeer, TellsAsManyAsASampleOfItsComingAndGoing) {
  make(3);
  const Effects joined = start(StartKind::kJoined, {2'500'000'000});
  EXPECT_FALSE(joined.train);
  const Peers told = receivers(joined, MessageKind::kMembership);
  EXPECT_EQ(std::set<PeerId>(told.begin(), told.end()).size(), 4U);
  std::int64_t counter = 0;
  MembershipChange change{};
  ASSERT_TRUE(unpack(joined.sends[0].data, counter, change));
  EXPECT_EQ(counter, 2501) << "above all counters of lives before 2.5 s";
  EXPECT_EQ(change, MembershipChange::kJoin);
  peer_->on_leave(effects_);
  ASSERT_EQ(effects_.sends.size(), 4U);
  ASSERT_TRUE(unpack(effects_.sends[0].data, counter, change));
  EXPECT_EQ(counter, 2502);
  EXPECT_EQ(change, MembershipChange::kLeave);
}

TEST_F(ModestPeer, JoinsAgainAfterACrashButDoesNotTakeUpItsWork) {
  begin(2);
  static_cast<void>(send_mean(6, 3, 30));
  static_cast<void>(send_trained(6, 4, 30));
  take();
  const Effects restarted = start(StartKind::kRestarted);
  EXPECT_EQ(receivers(restarted, MessageKind::kMembership).size(), 4U);
  EXPECT_EQ(restarted.sends[0].round, 4) << "the newest round it knows of";
  EXPECT_FALSE(restarted.train);
  EXPECT_EQ(send_mean(7, 3, 30), Reception::kLate) << "no second training in a round";
  EXPECT_EQ(send_trained(7, 4, 30), Reception::kLate) << "what had come is lost";
  EXPECT_EQ(send_mean(7, 4, 30), Reception::kAccepted);
}

TEST_F(ModestPeer, RefusesWhatMakesNoSense) {
  begin(2);
  const Buffer view = pack(MembershipView());
  const auto mean = [&](PeerId from, int round, const Buffer& data) {
    return deliver({.from = from,
                    .kind = MessageKind::kModel,
                    .round = round,
                    .model = model_of(1),
                    .data = data});
  };
  EXPECT_EQ(mean(8, 3, view), Reception::kRefused) << "no such peer";
  EXPECT_EQ(mean(2, 3, view), Reception::kRefused) << "itself";
  EXPECT_EQ(mean(6, -1, view), Reception::kRefused);
  EXPECT_EQ(mean(6, 1, view), Reception::kRefused) << "nobody sends the first model";
  EXPECT_EQ(mean(6, MembershipView::kMaxRound, view), Reception::kRefused);
  EXPECT_EQ(mean(6, 3, {}), Reception::kRefused) << "no view";
  MembershipView foreign;
  foreign.add({.peer = 8});
  EXPECT_EQ(mean(6, 3, pack(foreign)), Reception::kRefused) << "a view of strangers";
  MembershipView ahead;
  ahead.add({.peer = 6, .last_active = MembershipView::kMaxRound});
  EXPECT_EQ(mean(6, 3, pack(ahead)), Reception::kRefused) << "a view of impossible rounds";
  for (const MessageKind kind : {MessageKind::kPing, MessageKind::kPong, MessageKind::kMembership,
                                 MessageKind::kHello, MessageKind::kRequest}) {
    EXPECT_EQ(deliver({.from = 6, .kind = kind, .model = {}}), Reception::kRefused);
  }
  EXPECT_EQ(advertise(6, MembershipChange::kJoin, -1), Reception::kRefused);
  EXPECT_EQ(advertise(6, MembershipChange::kJoin, MembershipView::kMaxCounter + 1),
            Reception::kRefused);
  EXPECT_EQ(advertise(6, static_cast<MembershipChange>(2)), Reception::kRefused);
  EXPECT_TRUE(effects_.sends.empty());
  EXPECT_FALSE(effects_.train);
}

TEST_F(ModestPeer, SendsTheFinalMeanToAllAndFinishes) {
  begin(5, {.rounds = 1});
  fill_inbox(2);
  static_cast<void>(send_trained(2, 2, 1));
  take();
  const Effects averaged = average(9);
  EXPECT_TRUE(averaged.finished);
  ASSERT_TRUE(averaged.completed);
  EXPECT_EQ(averaged.completed->round, 1);
  EXPECT_EQ(receivers(averaged, MessageKind::kModel), (Peers{0, 1, 2, 3, 4, 6, 7}));
  EXPECT_EQ(send_mean(7, 3, 1), Reception::kRefused) << "there is no such round";
  EXPECT_EQ(send_mean(7, 2, 1), Reception::kLate);
  advertise(6, MembershipChange::kJoin);
  const Effects welcome = take();
  ASSERT_EQ(welcome.sends.size(), 1U);
  EXPECT_EQ(welcome.sends[0].to, 6);
  EXPECT_EQ(value_of(welcome.sends[0].model), 9);
}

TEST_F(ModestPeer, FinishesWithTheFinalMeanThatItIsSent) {
  begin(2, {.rounds = 3});
  EXPECT_EQ(send_mean(5, 4, 9), Reception::kAccepted);
  const Effects last = take();
  EXPECT_TRUE(last.finished);
  EXPECT_TRUE(last.stop_training);
  EXPECT_FALSE(last.train);
  ASSERT_TRUE(last.completed);
  EXPECT_EQ(last.completed->round, 3);
}

TEST_F(ModestPeer, JoinsAgainWhenItIsNotAskedForAnythingAndGivesUpInTheEnd) {
  constexpr SimTime kQuiet{99};
  Effects effects = begin(3, {.rejoin = kQuiet});
  ASSERT_EQ(effects.timers.size(), 1U);
  deliver({.from = 6, .kind = MessageKind::kPing, .model = {}, .data = pack(std::uint64_t{1})});
  EXPECT_TRUE(take().timers.empty()) << "one look at a time";
  effects = elapse(effects, kQuiet);
  EXPECT_TRUE(effects.sends.empty()) << "it was pinged";
  int rejoins = 0;
  for (; !effects.timers.empty(); ++rejoins) {
    ASSERT_LT(rejoins, 100);
    effects = elapse(effects, kQuiet);
    if (effects.timers.empty()) break;
    EXPECT_EQ(receivers(effects, MessageKind::kMembership).size(), 4U);
  }
  EXPECT_EQ(rejoins, 10);
  deliver({.from = 6, .kind = MessageKind::kPing, .model = {}, .data = pack(std::uint64_t{1})});
  EXPECT_EQ(take().timers.size(), 1U) << "it is asked again";
}

TEST_F(ModestPeer, RestsIfItIsAloneAndTrainingTakesNoTime) {
  begin(2, {.success_fraction = Fraction{0.25}}, {0, 1, 3, 4, 5, 6, 7});
  const Effects resting = train(2);
  EXPECT_FALSE(resting.aggregate);
  EXPECT_TRUE(elapse(resting, ModestOptions{}.ping_timeout).aggregate);
  average(2);
  effects_.now = SimTime{1};
  EXPECT_TRUE(train(3).aggregate);
}

TEST_F(ModestPeer, NeedsACompleteGraphOfEnoughPeers) {
  const Graph complete = make_chosen(CompleteOptions{}, 8, Rng(1));
  const Graph ring = make_chosen(RingOptions{}, 8, Rng(1));
  EXPECT_FALSE(unfit(ModestOptions{.sample_size = 8}, complete));
  EXPECT_EQ(unfit(ModestOptions{.sample_size = 8}, ring),
            "protocol modest needs every peer to be every other's neighbor, but peer 0 has 2 of 7; "
            "use {kind: complete}");
  EXPECT_EQ(unfit(ModestOptions{.sample_size = 9}, complete),
            "protocol modest waits for 9 trained models in each round, but there are 8 peers; use "
            "protocol.sample_size 8 or less");
  EXPECT_FALSE(unfit(ModestOptions{.sample_size = 9, .success_fraction = {0.8}}, complete));
  EXPECT_FALSE(unfit(ModestOptions{.sample_size = 9, .aggregation_timeout = {1}}, complete));
}

TEST_F(ModestPeer, CountsAShareOfTheSampleWithoutRoundingErrors) {
  const Graph eleven = make_chosen(CompleteOptions{}, 11, Rng(1));
  EXPECT_FALSE(unfit(ModestOptions{.sample_size = 20, .success_fraction = {0.55}}, eleven))
      << "20 * 0.55 is a little more than 11 in binary";
}

}  // namespace
}  // namespace hearsay

#include "node/protocols/gossip.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "node/protocols/message_data.hpp"

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

// Peer 5 between peers 2 and 9.
class GossipPeer : public testing::Test {
 protected:
  static constexpr std::array<PeerId, 2> kNeighbors{2, 9};
  static constexpr std::array<double, 2> kWeights{0.25, 0.5};

  void begin(const GossipOptions& options, std::vector<PeerId> absent = {},
             StartKind how = StartKind::kTogether) {
    peer_ = make_protocol(options, {.self = 5,
                                    .neighbors = kNeighbors,
                                    .weights = kWeights,
                                    .self_weight = 0.25,
                                    .absent = absent,
                                    .rng = Rng(1)});
    effects_ = {};
    peer_->on_start(model_of(1), how, effects_);
  }

  Reception hear(PeerId from, int age, float value, Buffer data = {}) {
    return peer_->on_message({.from = from,
                              .to = 5,
                              .kind = MessageKind::kModel,
                              .round = age,
                              .model = model_of(value),
                              .data = std::move(data)},
                             effects_);
  }

  Reception tell(PeerId from, MessageKind kind) {
    return peer_->on_message({.from = from, .to = 5, .kind = kind, .model = {}}, effects_);
  }

  Effects wake() {
    peer_->on_timer(0, effects_);
    return take();
  }

  Effects train(float value) {
    peer_->on_trained(model_of(value), 0.5, effects_);
    return take();
  }

  Effects merge(float value) {
    peer_->on_aggregated(model_of(value), effects_);
    return take();
  }

  // The effects so far; starts afresh.
  Effects take() { return std::exchange(effects_, {}); }

  std::unique_ptr<Protocol> peer_;
  Effects effects_;
};

TEST_F(GossipPeer, TrainsAtItsWakeUpAndPushesTheResultToOneNeighbor) {
  begin({});
  EXPECT_FALSE(take().train) << "its clock has not rung yet";
  const Effects awake = wake();
  ASSERT_TRUE(awake.train);
  EXPECT_EQ(value_of(awake.train->model), 1);
  EXPECT_TRUE(awake.sends.empty());
  const Effects trained = train(7);
  ASSERT_EQ(trained.sends.size(), 1U);
  EXPECT_EQ(trained.sends[0].kind, MessageKind::kModel);
  EXPECT_EQ(trained.sends[0].round, 1) << "the model's age";
  EXPECT_EQ(value_of(trained.sends[0].model), 7);
  ASSERT_TRUE(trained.completed);
  EXPECT_EQ(value_of(trained.completed->model), 7);
}

TEST_F(GossipPeer, DrawsEachPresentNeighborAboutAsOften) {
  begin({.rounds = 0});
  int to_first = 0;
  for (int k = 0; k < 400; ++k) {
    wake();
    if (train(7).sends.at(0).to == 2) ++to_first;
  }
  // Binomial(400, 1/2): mean 200, standard deviation 10.
  EXPECT_NEAR(to_first, 200, 50);
  static_cast<void>(tell(2, MessageKind::kGoodbye));
  for (int k = 0; k < 20; ++k) {
    wake();
    EXPECT_EQ(train(7).sends.at(0).to, 9);
  }
}

TEST_F(GossipPeer, WakesPeriodicallyFromARandomPhaseOrByAPoissonProcess) {
  constexpr SimTime kPeriod{1'000'000};
  begin({.rounds = 0, .period = kPeriod});
  const SimTime phase = take().timers.at(0).delay;
  EXPECT_GT(phase, SimTime{});
  EXPECT_LT(phase, kPeriod);
  EXPECT_EQ(wake().timers.at(0).delay, kPeriod);
  begin({.rounds = 0, .clock = WakeClock::kPoisson, .period = kPeriod});
  double sum = 0.0;
  double squares = 0.0;
  constexpr int kDraws = 4'000;
  for (int k = 0; k < kDraws; ++k) {
    const double delay = wake().timers.at(0).delay.seconds() / kPeriod.seconds();
    sum += delay;
    squares += delay * delay;
  }
  // Exponential of mean 1: the mean of 4000 has standard deviation 0.016, E x^2 = 2.
  EXPECT_NEAR(sum / kDraws, 1.0, 0.08);
  EXPECT_NEAR(squares / kDraws, 2.0, 0.4);
}

TEST_F(GossipPeer, MergesWhatItHearsAtOnceAndReportsTheResult) {
  begin({});
  EXPECT_EQ(hear(9, 4, 90), Reception::kAccepted);
  const Effects effects = take();
  ASSERT_TRUE(effects.aggregate);
  EXPECT_EQ(value_of(effects.aggregate->own), 1);
  ASSERT_EQ(effects.aggregate->received.size(), 1U);
  EXPECT_EQ(effects.aggregate->received[0].sender, 9);
  EXPECT_EQ(effects.aggregate->received[0].round, 4);
  const Effects merged = merge(45);
  ASSERT_TRUE(merged.completed);
  EXPECT_EQ(merged.completed->round, 1);
  EXPECT_TRUE(merged.sends.empty()) << "it speaks by its own clock only";
  wake();
  EXPECT_EQ(train(46).sends.at(0).round, 5) << "the age is the greatest merged, plus one";
}

TEST_F(GossipPeer, KeepsWhatItHearsUntilItHasTrainedTheNewestOfEachSender) {
  begin({});
  take();
  wake();
  EXPECT_EQ(hear(9, 4, 90), Reception::kAccepted);
  EXPECT_EQ(hear(2, 3, 20), Reception::kAccepted);
  EXPECT_EQ(hear(9, 6, 96), Reception::kAccepted);
  EXPECT_EQ(hear(9, 5, 95), Reception::kLate);
  EXPECT_FALSE(take().aggregate);
  const Effects effects = train(7);
  ASSERT_TRUE(effects.aggregate);
  EXPECT_EQ(value_of(effects.aggregate->own), 7);
  ASSERT_EQ(effects.aggregate->received.size(), 2U);
  EXPECT_EQ(effects.aggregate->received[0].sender, 2);
  EXPECT_EQ(value_of(effects.aggregate->received[1].model), 96);
}

TEST_F(GossipPeer, WeighsModelsEquallyByAgeOrByTheMixingMatrix) {
  // The own model has age 1 when the two heard ones, of ages 2 and 5, are merged.
  const auto weights = [this](MergeWeights merge) {
    begin({.merge = merge});
    wake();
    static_cast<void>(hear(2, 2, 20));
    static_cast<void>(hear(9, 5, 90));
    const AggregationRequest request = *train(7).aggregate;
    return std::vector{request.own_weight, request.received[0].weight, request.received[1].weight};
  };
  EXPECT_EQ(weights(MergeWeights::kEqual), (std::vector{1.0 / 3, 1.0 / 3, 1.0 / 3}));
  EXPECT_EQ(weights(MergeWeights::kAge), (std::vector{1.0 / 8, 2.0 / 8, 5.0 / 8}));
  EXPECT_EQ(weights(MergeWeights::kMixing), (std::vector{0.25, 0.25, 0.5}));
}

TEST_F(GossipPeer, WeighsUntrainedModelsEquallyEvenByAge) {
  begin({.merge = MergeWeights::kAge});
  static_cast<void>(hear(2, 0, 20));
  EXPECT_EQ(effects_.aggregate->own_weight, 0.5);
}

TEST_F(GossipPeer, PullsByAskingAndAnswersWithItsModel) {
  begin({.style = GossipStyle::kPull});
  wake();
  const Effects effects = train(7);
  ASSERT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(effects.sends[0].kind, MessageKind::kRequest);
  EXPECT_EQ(tell(2, MessageKind::kRequest), Reception::kAccepted);
  ASSERT_EQ(effects_.sends.size(), 1U);
  EXPECT_EQ(effects_.sends[0].to, 2);
  EXPECT_EQ(value_of(effects_.sends[0].model), 7);
}

TEST_F(GossipPeer, AnswersAPushThatWantsAnAnswerOnce) {
  begin({.style = GossipStyle::kPushPull});
  wake();
  const Effects effects = train(7);
  ASSERT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(hear(2, 1, 20, effects.sends[0].data), Reception::kAccepted);
  const Effects answer = take();
  ASSERT_EQ(answer.sends.size(), 1U);
  EXPECT_EQ(answer.sends[0].to, 2);
  EXPECT_EQ(value_of(answer.sends[0].model), 7) << "before the merge";
  EXPECT_EQ(hear(9, 1, 90, answer.sends[0].data), Reception::kAccepted);
  EXPECT_TRUE(take().sends.empty()) << "an answer is not answered";
}

TEST_F(GossipPeer, TrainsAfterEachMergeInsteadIfAsked) {
  begin({.train = GossipTraining::kHeard});
  take();
  const Effects awake = wake();
  EXPECT_FALSE(awake.train);
  ASSERT_EQ(awake.sends.size(), 1U);
  EXPECT_EQ(value_of(awake.sends[0].model), 1);
  static_cast<void>(hear(2, 3, 20));
  take();
  const Effects merged = merge(10);
  ASSERT_TRUE(merged.train);
  EXPECT_EQ(value_of(merged.train->model), 10);
  train(11);
  EXPECT_EQ(wake().sends.at(0).round, 4);
}

TEST_F(GossipPeer, PutsWakeUpsOffWhileItIsAtWorkAndLeavesNoneOut) {
  begin({.rounds = 3});
  wake();
  EXPECT_FALSE(wake().train) << "the first training is under way";
  ASSERT_TRUE(train(7).train);
  ASSERT_FALSE(train(8).train);
  EXPECT_TRUE(wake().timers.empty()) << "the last one";
  const Effects last = train(9);
  EXPECT_TRUE(last.finished);
  ASSERT_TRUE(last.completed);
  EXPECT_EQ(last.completed->round, 3);
}

TEST_F(GossipPeer, MergesWhatCameDuringTheLastTrainingAndNothingLater) {
  begin({.rounds = 1});
  wake();
  static_cast<void>(hear(2, 2, 20));
  const Effects trained = train(7);
  EXPECT_FALSE(trained.finished);
  ASSERT_TRUE(trained.aggregate);
  EXPECT_EQ(hear(9, 2, 90), Reception::kLate);
  const Effects last = merge(8);
  EXPECT_TRUE(last.finished);
  EXPECT_EQ(value_of(last.completed->model), 8);
  EXPECT_EQ(hear(9, 3, 90), Reception::kLate);
  EXPECT_EQ(tell(9, MessageKind::kRequest), Reception::kAccepted) << "it still answers";
  EXPECT_EQ(value_of(take().sends.at(0).model), 8);
}

TEST_F(GossipPeer, RefusesStrangersImpossibleAgesSizesAndData) {
  begin({});
  EXPECT_EQ(hear(3, 1, 30), Reception::kRefused) << "no neighbor";
  EXPECT_EQ(hear(2, -1, 20), Reception::kRefused);
  EXPECT_EQ(hear(2, 2'000'000'000, 20), Reception::kRefused);
  EXPECT_EQ(hear(2, 1, 20, pack(1.0)), Reception::kRefused) << "no flag";
  EXPECT_EQ(tell(2, MessageKind::kPing), Reception::kRefused);
  const std::array<float, 2> two{1, 2};
  EXPECT_EQ(peer_->on_message({.from = 2, .to = 5, .model = ModelBuffer::copy_of(two)}, effects_),
            Reception::kRefused);
  EXPECT_FALSE(effects_.aggregate);
}

TEST_F(GossipPeer, DrawsThoseWhoCameAndNotThoseAbsent) {
  begin({.rounds = 0}, {9});
  for (int k = 0; k < 20; ++k) {
    wake();
    EXPECT_EQ(train(7).sends.at(0).to, 2);
  }
  static_cast<void>(tell(9, MessageKind::kHello));
  bool drawn = false;
  for (int k = 0; k < 60; ++k) {
    wake();
    drawn = drawn || train(7).sends.at(0).to == 9;
  }
  EXPECT_TRUE(drawn);
}

TEST_F(GossipPeer, AfterACrashDoesTheInterruptedWakeUpAgain) {
  begin({.rounds = 1});
  wake();
  static_cast<void>(hear(2, 2, 20));
  take();
  peer_->on_start(model_of(3), StartKind::kRestarted, effects_);
  const Effects back = take();
  ASSERT_EQ(back.sends.size(), 2U);
  EXPECT_EQ(back.sends[1].kind, MessageKind::kHello);
  ASSERT_EQ(back.timers.size(), 1U);
  const Effects awake = wake();
  ASSERT_TRUE(awake.train) << "what it had heard is lost";
  EXPECT_EQ(value_of(awake.train->model), 3);
  EXPECT_TRUE(train(7).finished);
}

TEST_F(GossipPeer, SaysGoodbyeToThoseWhoAreThere) {
  begin({}, {2});
  take();
  peer_->on_leave(effects_);
  ASSERT_EQ(effects_.sends.size(), 1U);
  EXPECT_EQ(effects_.sends[0].to, 9);
}

// With A = 1 and C = 3: PROACTIVE(a) = a / 3, a useful model spends all tokens.
TEST_F(GossipPeer, EarnsTokensAndSpendsThemOnUsefulModels) {
  begin({.rounds = 0, .tokens = TokenAccountOptions{.reactivity = 1, .slack = 2}});
  wake();
  EXPECT_TRUE(train(7).sends.empty()) << "PROACTIVE(0) = 0: the first token";
  static_cast<void>(hear(2, 0, 20));
  EXPECT_TRUE(merge(8).sends.empty()) << "younger than its own: useless";
  static_cast<void>(hear(2, 1, 20));
  EXPECT_EQ(merge(8).sends.size(), 1U);
  static_cast<void>(hear(2, 1, 20));
  EXPECT_TRUE(merge(8).sends.empty()) << "no token is left";
}

TEST_F(GossipPeer, AFullAccountSendsAtEveryWakeUp) {
  begin({.rounds = 0, .tokens = TokenAccountOptions{.reactivity = 2, .slack = 1}});
  int held = 0;
  for (int k = 0; k < 100; ++k) {
    wake();
    if (train(7).sends.empty()) ++held;
  }
  EXPECT_EQ(held, 3) << "C = 3 tokens, earned and never spent";
}

// REACTIVE(a, u) = a / A = 3 / 4: three tokens, spent one at a time or not.
TEST_F(GossipPeer, RoundsWhatItSpendsAtRandom) {
  int pushes = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    peer_ =
        make_protocol(GossipOptions{.tokens = TokenAccountOptions{.reactivity = 4}},
                      {.self = 5, .neighbors = kNeighbors, .weights = kWeights, .rng = Rng(seed)});
    peer_->on_start(model_of(1), StartKind::kTogether, effects_);
    for (int k = 0; k < 3; ++k) {
      wake();
      train(7);
    }
    static_cast<void>(hear(2, 9, 20));
    pushes += static_cast<int>(merge(8).sends.size());
  }
  // Binomial(400, 3/4): mean 300, standard deviation 8.7.
  EXPECT_NEAR(pushes, 300, 44);
}

TEST_F(GossipPeer, RestoredGoesOnAsIfNothingHadHappened) {
  const GossipOptions options{
      .rounds = 0, .clock = WakeClock::kPoisson, .tokens = TokenAccountOptions{.reactivity = 2}};
  begin(options);
  for (int k = 0; k < 5; ++k) {
    wake();
    train(7);
  }
  wake();
  static_cast<void>(hear(2, 9, 20));
  SavingArchive saving;
  peer_->persist(saving);
  const Snapshot saved = saving.take();
  const auto follow = [this] {
    std::vector<std::int64_t> trace;
    train(7);
    for (const Message& message : merge(8).sends) trace.push_back(message.to);
    for (int k = 0; k < 20; ++k) {
      trace.push_back(wake().timers.at(0).delay.nanoseconds);
      for (const Message& message : train(7).sends) trace.push_back(message.to);
    }
    return trace;
  };
  const std::vector<std::int64_t> straight = follow();
  begin(options);
  LoadingArchive loading(saved);
  peer_->persist(loading);
  loading.finish();
  effects_ = {};
  EXPECT_EQ(follow(), straight);
}

// Both neighbors are in the view; the partner of the exchange is taken out of it until it answers.
TEST_F(GossipPeer, ExchangesViewsAtEachWakeUpIfItSamplesPeers) {
  begin({.sampling = PeerSamplingOptions{.view = 4}}, {}, StartKind::kJoined);
  EXPECT_TRUE(take().sends.empty()) << "nobody needs to be told";
  wake();
  const Effects effects = train(2);
  ASSERT_EQ(effects.sends.size(), 2U);
  EXPECT_EQ(effects.sends[0].kind, MessageKind::kMembership);
  const PeerId asked = effects.sends[0].to;
  EXPECT_EQ(effects.sends[1].kind, MessageKind::kModel);
  EXPECT_NE(effects.sends[1].to, asked);
  bool is_answer = true;
  std::vector<SampledPeer> offered;
  ASSERT_TRUE(unpack(effects.sends[0].data, is_answer, offered));
  EXPECT_FALSE(is_answer);
  EXPECT_EQ(offered[0], (SampledPeer{.id = 5, .age = 0}));

  const auto offer = [&](bool answer, std::vector<SampledPeer> peers) {
    return peer_->on_message({.from = asked,
                              .to = 5,
                              .kind = MessageKind::kMembership,
                              .model = {},
                              .data = pack(answer, std::move(peers))},
                             effects_);
  };
  EXPECT_EQ(offer(true, {{asked, 0}}), Reception::kAccepted);
  EXPECT_TRUE(take().sends.empty());
  EXPECT_EQ(offer(false, {{asked, 0}}), Reception::kAccepted);
  const Effects answered = take();
  ASSERT_EQ(answered.sends.size(), 1U);
  EXPECT_EQ(answered.sends[0].to, asked);
  EXPECT_EQ(offer(false, {{77, 0}}), Reception::kRefused) << "77 is no peer that it could know";
}

}  // namespace
}  // namespace hearsay

#include "node/protocols/ad_psgd.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

// Peer 0 with the only neighbor 1, another such peer.
class AdPsgdPair : public testing::Test {
 protected:
  struct Peer {
    PeerId id;
    std::array<PeerId, 1> neighbor;
    std::array<double, 1> weight{0.5};
    std::unique_ptr<Protocol> protocol{};
    Effects effects{};

    void begin(const AdPsgdOptions& options, float x) {
      protocol = make_protocol(
          options, {.self = id, .neighbors = neighbor, .weights = weight, .rng = Rng(1)});
      protocol->on_start(model_of(x), StartKind::kTogether, effects);
    }
    Reception receive(Message message, PeerId from) {
      message.from = from;
      return protocol->on_message(std::move(message), effects);
    }
    Effects take(SimTime now = {}) {
      Effects taken = std::exchange(effects, {});
      effects.now = now;
      return taken;
    }
  };

  Peer a_{.id = 0, .neighbor = {1}};
  Peer b_{.id = 1, .neighbor = {0}};
};

TEST_F(AdPsgdPair, AppliesAStaleGradientToTheModelAveragedMeanwhile) {
  a_.begin({}, 8);
  b_.begin({}, 4);
  b_.take();
  const Effects begun = a_.take({5});
  ASSERT_TRUE(begun.train);
  EXPECT_EQ(value_of(begun.train->model), 8);
  ASSERT_EQ(begun.sends.size(), 1U);
  EXPECT_EQ(b_.receive(begun.sends[0], 0), Reception::kAccepted);
  const Effects met = b_.take({5});
  ASSERT_TRUE(met.completed);
  EXPECT_EQ(value_of(met.completed->model), 6);
  ASSERT_EQ(met.sends.size(), 1U);
  EXPECT_EQ(a_.receive(met.sends[0], 1), Reception::kAccepted);
  EXPECT_EQ(value_of(a_.take({5}).completed->model), 6);
  // Trained from 8 to 5, so u = 3; the model is 6 by now.
  a_.protocol->on_trained(model_of(5), 0.5, a_.effects);
  const Effects trained = a_.take();
  ASSERT_TRUE(trained.completed);
  EXPECT_EQ(value_of(trained.completed->model), 3);
  EXPECT_EQ(trained.completed->round, 2);
  ASSERT_TRUE(trained.train);
  EXPECT_EQ(value_of(trained.train->model), 3);
  EXPECT_EQ(trained.sends.size(), 1U) << "the next exchange";
}

TEST_F(AdPsgdPair, BeginsNoExchangeWhileOneIsAwaited) {
  a_.begin({}, 8);
  a_.take({5});
  a_.protocol->on_trained(model_of(5), 0.5, a_.effects);
  const Effects trained = a_.take();
  EXPECT_TRUE(trained.train);
  EXPECT_TRUE(trained.sends.empty());
}

TEST_F(AdPsgdPair, WaitsForTheExchangeUnderWayBeforeItFinishes) {
  a_.begin({.rounds = 1}, 8);
  b_.begin({}, 4);
  b_.take();
  const Effects begun = a_.take({5});
  a_.protocol->on_trained(model_of(5), 0.5, a_.effects);
  EXPECT_FALSE(a_.take().finished);
  EXPECT_EQ(a_.protocol->waiting_for(), std::vector<PeerId>{1});
  b_.receive(begun.sends[0], 0);
  a_.receive(b_.take().sends[0], 1);
  const Effects last = a_.take();
  EXPECT_TRUE(last.finished);
  EXPECT_EQ(value_of(last.completed->model), 3);
  EXPECT_TRUE(a_.protocol->waiting_for().empty());
  b_.protocol->on_trained(model_of(1), 0.5, b_.effects);
}

TEST_F(AdPsgdPair, FinishesWithoutAnAnswerThatNeverComes) {
  a_.begin({.rounds = 1, .attempts = 2}, 8);
  const std::uint64_t timer = a_.take({5}).timers.at(0).id;
  a_.protocol->on_trained(model_of(5), 0.5, a_.effects);
  a_.take();
  a_.protocol->on_timer(timer, a_.effects);
  EXPECT_EQ(a_.effects.sends.size(), 1U) << "once more";
  EXPECT_FALSE(a_.take().finished);
  a_.protocol->on_timer(timer, a_.effects);
  EXPECT_TRUE(a_.take().finished);
}

TEST_F(AdPsgdPair, PausesAfterATrainingThatTookNoTime) {
  a_.begin({.idle = {77}}, 8);
  a_.take();
  a_.protocol->on_trained(model_of(8), 0.0, a_.effects);
  const Effects effects = a_.take();
  EXPECT_FALSE(effects.train);
  ASSERT_EQ(effects.timers.size(), 1U);
  EXPECT_EQ(effects.timers[0].delay, SimTime{77});
  a_.protocol->on_timer(effects.timers[0].id, a_.effects);
  EXPECT_TRUE(a_.take().train);
}

TEST_F(AdPsgdPair, GoesOnFromItsNewestModelAfterACrash) {
  a_.begin({}, 8);
  a_.take({5});
  a_.protocol->on_trained(model_of(3), 0.5, a_.effects);
  a_.take();
  a_.protocol->on_start(model_of(3), StartKind::kRestarted, a_.effects);
  const Effects back = a_.take();
  ASSERT_TRUE(back.train);
  EXPECT_EQ(value_of(back.train->model), 3);
  ASSERT_EQ(back.sends.size(), 2U);
  EXPECT_EQ(back.sends[0].kind, MessageKind::kHello);
  EXPECT_EQ(value_of(back.sends[1].model), 8) << "the exchange that was open";
}

}  // namespace
}  // namespace hearsay

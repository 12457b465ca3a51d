#include "node/protocols/local.hpp"

#include <gtest/gtest.h>

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }

TEST(Local, TrainsTheModelItGotAndReportsEveryRound) {
  const std::unique_ptr<Protocol> peer = make_protocol(LocalOptions{.rounds = 2}, {});
  Effects effects;
  peer->on_start(model_of(3), StartKind::kTogether, effects);
  ASSERT_TRUE(effects.train);
  EXPECT_EQ(effects.train->model.values()[0], 3);
  effects = {};
  peer->on_trained(model_of(5), 0.5, effects);
  EXPECT_EQ(effects.completed->round, 1);
  EXPECT_EQ(effects.completed->model.values()[0], 5);
  EXPECT_EQ(effects.train->model.values()[0], 5);
  effects = {};
  peer->on_trained(model_of(8), 0.5, effects);
  EXPECT_EQ(effects.completed->round, 2);
  EXPECT_TRUE(effects.finished);
  EXPECT_FALSE(effects.train);
  EXPECT_TRUE(effects.sends.empty());
}

TEST(Local, RefusesEveryMessageAndWaitsForNobody) {
  const std::array<PeerId, 1> neighbors{1};
  const std::array<double, 1> weights{0.5};
  const std::unique_ptr<Protocol> peer =
      make_protocol(LocalOptions{}, {.neighbors = neighbors, .weights = weights});
  Effects effects;
  peer->on_start(model_of(3), StartKind::kTogether, effects);
  EXPECT_EQ(peer->on_message({.from = 1, .model = model_of(4)}, effects), Reception::kRefused);
  EXPECT_TRUE(peer->waiting_for().empty());
}

TEST(Local, GoesOnFromItsLastRoundAfterARestart) {
  const std::unique_ptr<Protocol> peer = make_protocol(LocalOptions{.rounds = 2}, {});
  Effects effects;
  peer->on_start(model_of(3), StartKind::kTogether, effects);
  peer->on_trained(model_of(5), 0.5, effects);
  effects = {};
  peer->on_start(model_of(5), StartKind::kRestarted, effects);
  peer->on_trained(model_of(8), 0.5, effects);
  EXPECT_EQ(effects.completed->round, 2);
}

}  // namespace
}  // namespace hearsay

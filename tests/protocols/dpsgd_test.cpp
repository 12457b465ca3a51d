#include "node/protocols/dpsgd.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

// Peer 5 between peers 2 and 9.
class DpsgdPeer : public testing::Test {
 protected:
  static constexpr std::array<PeerId, 2> kNeighbors{2, 9};
  static constexpr std::array<double, 2> kWeights{0.25, 0.5};

  std::unique_ptr<Protocol> make(int rounds, bool keep_previous = false) const {
    return make_protocol(DpsgdOptions{.rounds = rounds}, {.self = 5,
                                                          .neighbors = kNeighbors,
                                                          .weights = kWeights,
                                                          .self_weight = 0.25,
                                                          .keep_previous = keep_previous});
  }

  bool deliver(PeerId from, int round, float value) {
    return peer_->on_message({.from = from,
                              .to = 5,
                              .kind = MessageKind::kModel,
                              .round = round,
                              .model = model_of(value)},
                             effects_);
  }

  // The effects so far; starts afresh.
  Effects take() { return std::exchange(effects_, {}); }

  std::unique_ptr<Protocol> peer_ = make(2);
  Effects effects_;
};

TEST_F(DpsgdPeer, TrainsFirstAndSendsTheTrainedModelToEveryNeighbor) {
  peer_->on_start(model_of(1), effects_);
  const Effects started = take();
  ASSERT_TRUE(started.train);
  EXPECT_TRUE(started.sends.empty());
  peer_->on_trained(model_of(7), 0.5, effects_);
  const Effects trained = take();
  ASSERT_EQ(trained.sends.size(), 2U);
  EXPECT_EQ(trained.sends[0].to, 2);
  EXPECT_EQ(trained.sends[1].to, 9);
  EXPECT_EQ(trained.sends[1].round, 0);
  EXPECT_EQ(value_of(trained.sends[1].model), 7);
  EXPECT_FALSE(trained.aggregate);
}

TEST_F(DpsgdPeer, AggregatesWhenTrainedAndAllNeighborsHaveBeenHeard) {
  peer_->on_start(model_of(1), effects_);
  EXPECT_TRUE(deliver(9, 0, 90));
  EXPECT_TRUE(deliver(2, 0, 20));
  EXPECT_FALSE(effects_.aggregate) << "own training is not done";
  peer_->on_trained(model_of(7), 0.5, effects_);
  const Effects effects = take();
  ASSERT_TRUE(effects.aggregate);
  EXPECT_EQ(value_of(effects.aggregate->own), 7);
  EXPECT_TRUE(effects.aggregate->previous.empty());
  ASSERT_EQ(effects.aggregate->received.size(), 2U);
  EXPECT_EQ(effects.aggregate->received[0].sender, 2);
  EXPECT_EQ(effects.aggregate->received[0].weight, 0.25);
  EXPECT_EQ(value_of(effects.aggregate->received[0].model), 20);
  EXPECT_EQ(value_of(effects.aggregate->received[1].model), 90);
}

TEST_F(DpsgdPeer, KeepsTheModelBeforeTrainingOnlyIfAsked) {
  peer_ = make(2, true);
  peer_->on_start(model_of(1), effects_);
  peer_->on_trained(model_of(7), 0.5, effects_);
  deliver(2, 0, 20);
  deliver(9, 0, 90);
  EXPECT_EQ(value_of(take().aggregate->previous), 1);
}

TEST_F(DpsgdPeer, KeepsAMessageOfTheNextRoundForThatRound) {
  peer_->on_start(model_of(1), effects_);
  peer_->on_trained(model_of(7), 0.5, effects_);
  EXPECT_TRUE(deliver(2, 0, 20));
  EXPECT_TRUE(deliver(2, 1, 21));
  EXPECT_FALSE(effects_.aggregate);
  EXPECT_TRUE(deliver(9, 0, 90));
  EXPECT_EQ(value_of(take().aggregate->received[0].model), 20);
  peer_->on_aggregated(model_of(8), effects_);
  peer_->on_trained(model_of(9), 0.5, effects_);
  EXPECT_FALSE(effects_.aggregate);
  EXPECT_TRUE(deliver(9, 1, 91));
  EXPECT_EQ(value_of(take().aggregate->received[0].model), 21);
}

TEST_F(DpsgdPeer, ReportsEveryRoundAndFinishesAfterTheLast) {
  peer_->on_start(model_of(1), effects_);
  for (int round = 0; round < 2; ++round) {
    peer_->on_trained(model_of(7), 0.5, effects_);
    deliver(2, round, 20);
    deliver(9, round, 90);
    take();
    peer_->on_aggregated(model_of(static_cast<float>(100 + round)), effects_);
    const Effects effects = take();
    ASSERT_TRUE(effects.completed);
    EXPECT_EQ(effects.completed->round, round + 1);
    EXPECT_EQ(value_of(effects.completed->model), 100 + round);
    EXPECT_EQ(effects.finished, round == 1);
    EXPECT_EQ(effects.train.has_value(), round == 0);
  }
}

TEST_F(DpsgdPeer, RefusesStrangersOtherRoundsAndDuplicates) {
  peer_->on_start(model_of(1), effects_);
  EXPECT_FALSE(deliver(3, 0, 30)) << "no neighbor";
  EXPECT_FALSE(deliver(2, 2, 20)) << "two rounds ahead";
  EXPECT_FALSE(deliver(2, -1, 20)) << "a round behind";
  EXPECT_TRUE(deliver(2, 0, 20));
  EXPECT_FALSE(deliver(2, 0, 22)) << "second of this round";
  EXPECT_TRUE(deliver(2, 1, 21));
  EXPECT_FALSE(deliver(2, 1, 23)) << "second of the next round";
  peer_->on_trained(model_of(7), 0.5, effects_);
  deliver(9, 0, 90);
  EXPECT_EQ(value_of(take().aggregate->received[0].model), 20);
  EXPECT_FALSE(deliver(9, 0, 99)) << "this round's aggregation is under way";
}

TEST_F(DpsgdPeer, NamesTheNeighborsItWaitsFor) {
  peer_->on_start(model_of(1), effects_);
  EXPECT_TRUE(peer_->waiting_for().empty()) << "its own training comes first";
  deliver(2, 0, 20);
  peer_->on_trained(model_of(7), 0.5, effects_);
  EXPECT_EQ(peer_->waiting_for(), std::vector<PeerId>{9});
}

TEST(Dpsgd, APeerWithoutNeighborsTrainsAlone) {
  const std::unique_ptr<Protocol> peer = make_protocol(DpsgdOptions{.rounds = 1}, {.self = 0});
  Effects effects;
  peer->on_start(model_of(1), effects);
  peer->on_trained(model_of(2), 0.5, effects);
  ASSERT_TRUE(effects.aggregate);
  EXPECT_TRUE(effects.aggregate->received.empty());
}

}  // namespace
}  // namespace hearsay

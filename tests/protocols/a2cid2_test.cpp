#include "node/protocols/a2cid2.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "topologies/topologies.hpp"

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
float value_of(const ModelBuffer& model) { return model.values()[0]; }

TEST(A2cid2, ComputesItsConstantsFromTheGraph) {
  // Rings at rate 1, as known: peers, eta, alpha~.
  struct Golden {
    int peers;
    double eta;
    double alpha;
  };
  for (const Golden& golden :
       {Golden{4, .577350, .5774}, Golden{8, .289281, .9877}, Golden{16, .142474, 1.8717},
        Golden{32, .070418, 3.6648}, Golden{64, .034970, 7.2624}}) {
    const Graph ring = make_chosen(RingOptions{}, golden.peers, Rng(1));
    const ContinuousMomentum found = continuous_momentum(plan_of(A2cid2Options{}, ring)->constants);
    EXPECT_NEAR(found.eta, golden.eta, 1e-6);
    EXPECT_NEAR(found.alpha, golden.alpha, 1e-4);
  }
}

TEST(A2cid2, NeedsNoPlanIfTheConstantsAreGivenOrThereIsNoMomentum) {
  const Graph parted(4, std::vector<Edge>{{0, 1}, {2, 3}});
  EXPECT_TRUE(unfit(A2cid2Options{}, parted));
  EXPECT_TRUE(unfit(A2cid2Options{.chi1 = 2.0}, parted));
  for (const A2cid2Options& options :
       {A2cid2Options{.chi1 = 2.0, .chi2 = 1.0}, A2cid2Options{.momentum = false}}) {
    EXPECT_FALSE(plan_of(options, parted));
    EXPECT_FALSE(unfit(options, parted));
  }
}

// Peer 0 with the only neighbor 1, another such peer; chi1 = 4, chi2 = 1: eta = 1/4,
// alpha~ = 1. A training takes one second, so that is the unit of time.
class A2cid2Pair : public testing::Test {
 protected:
  static constexpr A2cid2Options kOptions{.chi1 = 4.0, .chi2 = 1.0};
  static constexpr SimTime kSecond{1'000'000'000};

  struct Peer {
    PeerId id;
    std::array<PeerId, 1> neighbor;
    std::array<double, 1> weight{0.5};
    std::unique_ptr<Protocol> protocol{};
    Effects effects{};

    void begin(const A2cid2Options& options, float x) {
      protocol = make_protocol(
          options, {.self = id, .neighbors = neighbor, .weights = weight, .rng = Rng(1)});
      protocol->on_start(model_of(x), StartKind::kTogether, effects);
    }
    Effects take(SimTime now) {
      Effects taken = std::exchange(effects, {});
      effects.now = now;
      return taken;
    }
    void train(float value) { protocol->on_trained(model_of(value), 0.5, effects); }
    void receive(Message message, PeerId from) {
      message.from = from;
      static_cast<void>(protocol->on_message(std::move(message), effects));
    }
    std::uint64_t exchange_timer(const Effects& from) const { return from.timers.at(0).id; }
  };

  // Both have trained once, in a second, from and to `x`.
  void begin_both(float x, float y) {
    for (Peer* peer : {&a_, &b_}) {
      const float value = peer == &a_ ? x : y;
      peer->begin(kOptions, value);
      peer->take(kSecond);
      peer->train(value);
    }
  }

  Peer a_{.id = 0, .neighbor = {1}};
  Peer b_{.id = 1, .neighbor = {0}};
};

TEST_F(A2cid2Pair, BeginsAveragingOnceItsPaceIsKnown) {
  a_.begin(kOptions, 8);
  EXPECT_TRUE(a_.take(kSecond).timers.empty());
  a_.train(8);
  const Effects trained = a_.take(kSecond);
  ASSERT_EQ(trained.timers.size(), 1U);
  a_.protocol->on_timer(trained.timers[0].id, a_.effects);
  const Effects begun = a_.take(kSecond);
  ASSERT_EQ(begun.sends.size(), 1U);
  EXPECT_EQ(value_of(begun.sends[0].model), 8);
  EXPECT_EQ(begun.timers.size(), 2U) << "the exchange's and the next averaging";
}

TEST_F(A2cid2Pair, MixesForTheTimePassedAfterAMeeting) {
  begin_both(8, 4);
  const Effects trained = a_.take(kSecond);
  a_.protocol->on_timer(a_.exchange_timer(trained), a_.effects);
  b_.take(kSecond);
  b_.receive(a_.take(kSecond).sends.at(0), 0);
  const Effects met = b_.take(kSecond * 3);
  EXPECT_EQ(value_of(met.completed->model), 6) << "x = 4 + 4/2, x~ = 4 + 4";
  a_.receive(met.sends.at(0), 1);
  EXPECT_EQ(value_of(a_.take(kSecond * 3).completed->model), 6) << "x = 8 - 4/2, x~ = 8 - 4";
  // Two seconds later: d = (1 - e^(-2/4 2)) / 2. A training from 8 to 7 then takes 1 off both.
  const double d = (1.0 - std::exp(-1.0)) / 2.0;
  a_.train(7);
  EXPECT_NEAR(value_of(a_.take(kSecond * 3).completed->model), 6 + d * (4 - 6) - 1, 1e-6);
  b_.train(4);
  EXPECT_NEAR(value_of(b_.take(kSecond * 3).completed->model), 6 + d * (8 - 6), 1e-6);
}

TEST_F(A2cid2Pair, WithoutMomentumIsPlainGossip) {
  A2cid2Options plain = kOptions;
  plain.momentum = false;
  a_.begin(plain, 8);
  a_.take(kSecond);
  a_.train(8);
  const Effects trained = a_.take(kSecond);
  a_.protocol->on_timer(a_.exchange_timer(trained), a_.effects);
  b_.begin(plain, 4);
  b_.take(kSecond);
  b_.receive(a_.take(kSecond).sends.at(0), 0);
  a_.receive(b_.take(kSecond).sends.at(0), 1);
  EXPECT_EQ(value_of(a_.take(kSecond * 9).completed->model), 6);
  a_.train(8);
  EXPECT_EQ(value_of(a_.take(kSecond).completed->model), 6);
}

}  // namespace
}  // namespace hearsay

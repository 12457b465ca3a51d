#include "node/protocols/relaysum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "node/protocols/message_data.hpp"
#include "tests/protocols/round_driver.hpp"
#include "topologies/path.hpp"
#include "topologies/ring.hpp"

namespace hearsay {
namespace {

RelaySumOptions with_rounds(int rounds, MissingPolicy missing = MissingPolicy::kWait) {
  RelaySumOptions options;
  options.rounds = rounds;
  options.missing = missing;
  return options;
}

// A tree: 0 - 1 - 2 - 3, and 4 beside 1.
Graph tree() { return {5, std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {1, 4}}}; }
constexpr int kHops[5][5] = {
    {0, 1, 2, 3, 2}, {1, 0, 1, 2, 1}, {2, 1, 0, 1, 2}, {3, 2, 1, 0, 3}, {2, 1, 2, 3, 0}};

float trained(PeerId peer, float x) { return x + 0.5F * (static_cast<float>(peer) - x); }

RoundDriver drive(const Graph& graph, const RelaySumOptions& options,
                  RoundDriver::Train train = trained) {
  return RoundDriver(
      graph, [options](const PeerView& view) { return make_protocol(options, view); },
      std::move(train));
}

// x_i^{t+1} = mean over all j that have been heard of x_j^{t - tau + 1/2}, tau = max(0, hops - 1).
TEST(RelaySum, WeighsAllPeersEquallyWithTheDelayOfTheWay) {
  RoundDriver driver = drive(tree(), with_rounds(10));
  const std::vector<float> start{3, -4, 8, 1, 20};
  driver.run(start);
  const auto before_mixing = [&](std::size_t peer, int t) {
    return trained(static_cast<PeerId>(peer),
                   t == 0 ? start[peer] : driver.reports[peer][static_cast<std::size_t>(t - 1)]);
  };
  for (int t = 0; t < 10; ++t) {
    for (std::size_t i = 0; i < 5; ++i) {
      double sum = 0;
      int heard = 0;
      for (std::size_t j = 0; j < 5; ++j) {
        const int delay = std::max(0, kHops[i][j] - 1);
        if (delay > t) continue;
        sum += before_mixing(j, t - delay);
        ++heard;
      }
      // Peers 1 and 2 are two hops from the farthest, the others three.
      EXPECT_EQ(heard == 5, t >= (i == 1 || i == 2 ? 1 : 2)) << "peer " << i << ", round " << t;
      EXPECT_NEAR(driver.reports[i][static_cast<std::size_t>(t)], sum / heard, 1e-5)
          << "peer " << i << ", round " << t;
    }
  }
}

TEST(RelaySum, EqualModelsStayAsTheyAre) {
  RoundDriver driver = drive(make_graph(PathOptions{}, 7, Rng(1)), with_rounds(12),
                             [](PeerId, float x) { return x; });
  driver.run(std::vector<float>(7, 2.5F));
  for (const auto& mine : driver.reports) {
    for (const float value : mine) EXPECT_NEAR(value, 2.5F, 1e-6);
  }
}

TEST(RelaySum, CountsWhoseModelsAMessageHolds) {
  RoundDriver driver = drive(tree(), with_rounds(4));
  driver.run({1, 2, 3, 4, 5});
  const auto count = [&](int round, PeerId from) {
    std::int32_t value = 0;
    EXPECT_TRUE(unpack(driver.models.at({round, from}).data, value));
    return value;
  };
  // The last message that a peer sends in a round goes to its greatest neighbor. Peer 1 sends
  // to 4: in round 0 itself, in round 1 also 0 and 2, in round 2 also 3.
  EXPECT_EQ(count(0, 1), 1);
  EXPECT_EQ(count(1, 1), 3);
  EXPECT_EQ(count(2, 1), 4);
  EXPECT_EQ(count(3, 1), 4);
  // Peer 3, a leaf, has nothing to relay.
  EXPECT_EQ(count(3, 3), 1);
}

// Peers 1 and 2 do not hear each other in round 3. Peer 2 knows then of itself and 3 only, and
// what it relays to 3 lacks the same; in the end all is as before.
class RelaySumLoss : public testing::Test {
 protected:
  void drive_with(MissingPolicy missing) {
    driver_ = drive(tree(), with_rounds(9, missing));
    driver_.is_lost = [](const Message& message) {
      return message.round == 3 && message.from + message.to == 3 && message.from % 3 != 0;
    };
    driver_.run({1, 2, 3, 4, 5});
  }

  float model(std::size_t peer, std::size_t round) { return driver_.reports[peer][round]; }
  float half(std::size_t peer, std::size_t round) {
    return trained(static_cast<PeerId>(peer), model(peer, round - 1));
  }

  RoundDriver driver_ = drive(tree(), with_rounds(1));
};

TEST_F(RelaySumLoss, LeavesOutTheSubtreeOfALostMessage) {
  drive_with(MissingPolicy::kDrop);
  EXPECT_NEAR(model(2, 3), (half(2, 3) + half(3, 3)) / 2, 1e-5);
  EXPECT_NEAR(model(3, 4), (half(3, 4) + half(2, 4)) / 2, 1e-5);
  EXPECT_NEAR(model(3, 8), (half(3, 8) + half(2, 8) + half(1, 7) + half(0, 6) + half(4, 6)) / 5,
              1e-5);
}

TEST_F(RelaySumLoss, UsesTheMessageBeforeForALostOneIfAsked) {
  drive_with(MissingPolicy::kLastModel);
  // What 1 sent in round 2: itself then, 0 and 4 of round 1.
  EXPECT_NEAR(model(2, 3), (half(2, 3) + half(3, 3) + half(1, 2) + half(0, 1) + half(4, 1)) / 5,
              1e-5);
}

TEST(RelaySum, RefusesMessagesWithoutASensibleCount) {
  const std::vector<PeerId> neighbors{3};
  const std::vector<double> weights{0.5};
  const auto peer = make_protocol(
      with_rounds(3), {.self = 0, .neighbors = neighbors, .weights = weights, .self_weight = 0.5});
  Effects effects;
  peer->on_start(model_of(1), StartKind::kTogether, effects);
  const auto tell = [&](Buffer data, MessageKind kind = MessageKind::kModel) {
    return peer->on_message({.from = 3, .to = 0, .kind = kind, .model = model_of(2), .data = data},
                            effects);
  };
  EXPECT_EQ(tell({}), Reception::kRefused);
  EXPECT_EQ(tell(pack(std::int32_t{0})), Reception::kRefused);
  EXPECT_EQ(tell(pack(std::int32_t{-4})), Reception::kRefused);
  EXPECT_EQ(tell(pack(std::int32_t{1 << 25})), Reception::kRefused);
  EXPECT_EQ(tell(pack(std::int64_t{1})), Reception::kRefused) << "eight bytes";
  EXPECT_EQ(tell(pack(std::int32_t{1}), MessageKind::kTracker), Reception::kRefused);
  EXPECT_EQ(tell(pack(std::int32_t{1})), Reception::kAccepted);
}

TEST(RelaySum, SpeaksToNeighborsInTheTreeOnly) {
  // The tree of a ring of 5 by breadth-first search from 0: 0 - 1 - 2 and 0 - 4 - 3.
  const Graph ring = make_graph(RingOptions{}, 5, Rng(1));
  const std::unique_ptr<LinkSchedule> links = make_links(RelaySumOptions{}, ring);
  const std::vector<double> weights{0.3, 0.3};
  const auto peer = make_protocol(with_rounds(3), {.self = 2,
                                                   .neighbors = ring.neighbors(2),
                                                   .weights = weights,
                                                   .self_weight = 0.4,
                                                   .schedule = links.get()});
  Effects effects;
  peer->on_start(model_of(1), StartKind::kTogether, effects);
  peer->on_trained(model_of(1), 0.0, effects);
  ASSERT_EQ(effects.sends.size(), 1U);
  EXPECT_EQ(effects.sends[0].to, 1);
  EXPECT_EQ(peer->waiting_for(), std::vector<PeerId>{1});
}

}  // namespace
}  // namespace hearsay

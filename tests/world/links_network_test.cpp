#include "node/world/links_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "node/base/error.hpp"
#include "tests/world/network_driver.hpp"

namespace hearsay {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

LinksOptions links(double latency_ms, double up, double down) {
  return {.passage = {.latency = ms(latency_ms)}, .links = {.up = {up}, .down = {down}}};
}

/// A network whose messages have one arrival or none.
class Network {
 public:
  Network(const LinksOptions& options, int num_peers)
      : model_(make_network(options, num_peers, Rng(1))) {}

  std::optional<SimTime> send(PeerId from, std::int64_t bytes, SimTime now) {
    std::vector<Arrival> arrivals;
    const Fate fate =
        model_->send({.from = from, .to = from == 0 ? 1 : 0, .bytes = bytes}, now, arrivals);
    EXPECT_EQ(fate == Fate::kArrives, arrivals.size() == 1);
    EXPECT_EQ(fate == Fate::kLost, arrivals.empty());
    if (arrivals.empty()) return std::nullopt;
    left_ = arrivals.front().left;
    return arrivals.front().time;
  }
  SimTime left() const { return left_; }  ///< Of the last message that was not lost.
  SimTime receive(PeerId to, std::int64_t bytes, SimTime last) {
    return model_->receive(to, bytes, last);
  }
  NetworkUse use() const { return model_->use(); }

 private:
  std::unique_ptr<NetworkModel> model_;
  SimTime left_{};
};

TEST(LinksNetwork, LatencyAloneDelaysEveryMessageAlike) {
  Network network(links(20, kUnlimited, kUnlimited), 3);
  EXPECT_EQ(network.send(0, 1'000'000, ms(5)), ms(25));
  EXPECT_EQ(network.left(), ms(5));
  EXPECT_EQ(network.send(0, 1, ms(5)), ms(25));
  EXPECT_EQ(network.receive(1, 1'000'000, ms(25)), ms(25));
}

TEST(LinksNetwork, UplinkSendsOneMessageAfterAnother) {
  // 10 kB at 1 MB/s take 10 ms each.
  Network network(links(20, 1e6, kUnlimited), 2);
  EXPECT_EQ(network.send(0, 10'000, ms(0)), ms(30));
  EXPECT_EQ(network.left(), ms(10));
  EXPECT_EQ(network.send(0, 10'000, ms(0)), ms(40));
  EXPECT_EQ(network.send(1, 10'000, ms(0)), ms(30)) << "another peer's uplink is free";
  EXPECT_EQ(network.send(0, 10'000, ms(100)), ms(130)) << "idle again";
}

TEST(LinksNetwork, ReceptionOverlapsWithTransmission) {
  // Up 1 MB/s, down 2 MB/s: 10 kB arrive from 20 ms (first byte) to 30 ms (last byte); the
  // faster downlink adds nothing.
  Network fast(links(20, 1e6, 2e6), 2);
  const SimTime last = *fast.send(0, 10'000, ms(0));
  EXPECT_EQ(fast.receive(1, 10'000, last), ms(30));
  // Down 0.5 MB/s: 20 ms from the first byte on.
  Network slow(links(20, 1e6, 0.5e6), 2);
  EXPECT_EQ(slow.receive(1, 10'000, *slow.send(0, 10'000, ms(0))), ms(40));
}

TEST(LinksNetwork, DownlinkReceivesOneMessageAfterAnother) {
  // Three peers send 10 kB at once at 1 MB/s: the last bytes arrive at 30 ms. The receiver
  // takes 5 ms for each at 2 MB/s, the first during transmission: 30, 35, 40 ms.
  Network network(links(20, 1e6, 2e6), 4);
  for (const double expected : {30.0, 35.0, 40.0}) {
    EXPECT_EQ(network.receive(3, 10'000, ms(30)), ms(expected));
  }
  EXPECT_EQ(network.receive(2, 10'000, ms(30)), ms(30)) << "another peer's downlink is free";
}

TEST(LinksNetwork, LosesTheConfiguredShareAndSpendsTheUplinkAllTheSame) {
  LinksOptions options = links(20, 1e6, kUnlimited);
  options.passage.loss = {0.3};
  Network network(options, 2);
  int lost = 0;
  for (int i = 0; i < 10'000; ++i) lost += network.send(0, 1000, ms(0)) ? 0 : 1;
  // Standard deviation of the share: sqrt(0.3 * 0.7 / 10000) = 0.0046.
  EXPECT_NEAR(lost / 10'000.0, 0.3, 0.02);
  std::optional<SimTime> last;
  while (!last) last = network.send(0, 1000, ms(0));
  EXPECT_GE(*last, ms(10'000));
}

TEST(LinksNetwork, SendsALostMessageAgainBeforeThoseThatWait) {
  // 10 kB take 10 ms. A loss is noticed 15 ms, 30 ms, ... after the last byte left. The
  // first losses of the sender's stream say when that happens.
  LinksOptions options = links(20, 1e6, kUnlimited);
  options.passage.loss = {0.5};
  options.passage.retransmit = true;
  options.passage.retransmit_timeout = ms(15);
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto network = make_network(options, 3, Rng(seed));
    Rng loss = Rng(seed).split("loss", 0);
    const bool first_is_lost = loss.uniform() < 0.5;
    const bool again = first_is_lost && loss.uniform() < 0.5;
    const bool second_is_lost = loss.uniform() < 0.5;
    if (!first_is_lost || again || second_is_lost) continue;
    std::vector<Arrival> arrivals;
    // Leaves at 10 ms, again from 25 to 35 ms.
    network->send({.from = 0, .to = 1, .bytes = 10'000}, ms(0), arrivals);
    // 10 to 30 ms, but for the 10 ms from 25 on: leaves at 40 ms.
    network->send({.from = 0, .to = 2, .bytes = 20'000}, ms(5), arrivals);
    ASSERT_EQ(arrivals.size(), 2U);
    EXPECT_EQ(arrivals[0].left, ms(35));
    EXPECT_EQ(arrivals[0].time, ms(55));
    EXPECT_EQ(arrivals[1].left, ms(40));
    const NetworkUse use = network->use();
    EXPECT_EQ(use.retransmissions, 1);
    EXPECT_EQ(use.busiest, ms(40)) << "what is sent again takes the uplink again";
    EXPECT_EQ(use.longest_wait, ms(15)) << "40 - 5 - 20 ms";
    return;
  }
  FAIL() << "no seed with one loss first";
}

/// The uplink as a row of milliseconds, each taken by one transmission at most.
class Slots {
 public:
  /// The first `work` free ones from the end of all that was queued before, or `now`, on.
  int queue(int now, int work) {
    int slot = std::max(now, queued_);
    for (; work > 0; ++slot) {
      if (is_taken_.contains(slot)) continue;
      is_taken_.insert(slot);
      --work;
    }
    return queued_ = slot;
  }

  /// The first `work` free ones in a row from `time` on.
  int again(int time, int work) {
    for (int slot = time; slot < time + work; ++slot) {
      if (is_taken_.contains(slot)) time = slot + 1;
    }
    for (int slot = time; slot < time + work; ++slot) is_taken_.insert(slot);
    return time + work;
  }

  std::size_t taken() const { return is_taken_.size(); }

 private:
  std::set<int> is_taken_;
  int queued_ = 0;
};

TEST(LinksNetwork, FitsWhatIsSentAgainIntoTheUplink) {
  LinksOptions options = links(0, 1e6, kUnlimited);
  options.passage.loss = {0.4};
  options.passage.retransmit = true;
  options.passage.retransmit_timeout = ms(3);
  const auto network = make_network(options, 2, Rng(3));
  Rng loss = Rng(3).split("loss", 0);
  Rng rng(5);
  Slots slots;
  int now = 0;
  for (int i = 0; i < 2000; ++i) {
    now += static_cast<int>(rng.below(12));
    const int work = 1 + static_cast<int>(rng.below(4));  // 1 kB takes 1 ms.
    int left = slots.queue(now, work);
    for (int timeout = 3; loss.uniform() < 0.4; timeout *= 2) {
      left = slots.again(left + timeout, work);
    }
    std::vector<Arrival> arrivals;
    network->send({.from = 0, .to = 1, .bytes = work * 1000}, ms(now), arrivals);
    ASSERT_EQ(arrivals.at(0).left, ms(left)) << "message " << i;
  }
  EXPECT_EQ(network->use().busiest, ms(static_cast<double>(slots.taken())));
  EXPECT_GT(network->use().retransmissions, 1000);
}

TEST(LinksNetwork, UseTellsTheBusiestLinkAndTheLongestWait) {
  // Uplink of peer 0: 10 + 20 ms from 0 on; the second waits 10 ms. Downlink of peer 1 at
  // 0.5 MB/s: 20 and 40 ms of work. Alone the second would be done at max(50, 30 + 40) = 70,
  // but the downlink is free only at 40: done at 80, a wait of 10 ms.
  Network network(links(20, 1e6, 0.5e6), 2);
  const SimTime first = *network.send(0, 10'000, ms(0));
  const SimTime second = *network.send(0, 20'000, ms(0));
  EXPECT_EQ(network.use().busiest, ms(30));
  EXPECT_EQ(network.use().longest_wait, ms(10));
  EXPECT_EQ(network.receive(1, 10'000, first), ms(40));
  EXPECT_EQ(network.receive(1, 20'000, second), ms(80));
  EXPECT_EQ(network.use().busiest, ms(60));
  EXPECT_EQ(network.receive(1, 20'000, second), ms(120));
  EXPECT_EQ(network.use().longest_wait, ms(50));
}

TEST(LinksNetwork, SpreadGivesEachPeerABandwidthOfItsOwn) {
  LinksOptions options = links(0, 1e6, kUnlimited);
  options.links.bandwidth_sigma = 0.5;
  const int peers = 2001;
  Network network(options, peers);
  std::vector<double> logs;
  for (PeerId peer = 0; peer < peers; ++peer) {
    // A megabyte takes 1 / factor seconds.
    logs.push_back(-std::log(network.send(peer, 1'000'000, ms(0))->seconds()));
  }
  std::ranges::sort(logs);
  // Standard error of the median: 1.25 * 0.5 / sqrt(2001) = 0.014.
  EXPECT_NEAR(logs[peers / 2], 0.0, 0.06);
  EXPECT_NEAR(logs[peers * 84 / 100], 0.5, 0.08) << "one sigma above";
}

// At 1 mB/s a megabyte takes 10^9 s. Time ends after 9.22 * 10^9 s.
constexpr double kSlow = 1e-3;

TEST(LinksNetwork, AMessageThatTakesLongerThanTimeLastsNeverLeaves) {
  Network network(links(20, kSlow, kUnlimited), 2);
  EXPECT_EQ(network.send(0, 1'000'000, ms(0)), ms(1e12) + ms(20));
  EXPECT_EQ(network.send(0, 8'000'000, ms(0)), ms(9e12) + ms(20));
  EXPECT_EQ(network.use().busiest, ms(9e12));
  EXPECT_EQ(network.send(0, 1'000'000, ms(0)), std::nullopt) << "the sum is too long";
  EXPECT_EQ(network.send(0, 1, ms(0)), std::nullopt) << "it waits behind that";
  EXPECT_EQ(network.send(1, 10'000'000, ms(0)), std::nullopt) << "too long by itself";
  EXPECT_EQ(network.send(1, 1, ms(5)), std::nullopt);
  EXPECT_EQ(network.use().busiest, ms(9e12)) << "what is never done is no use";
}

TEST(LinksNetwork, AMessageThatTakesLongerThanTimeLastsIsNeverReceived) {
  Network network(links(20, kUnlimited, kSlow), 3);
  EXPECT_EQ(network.receive(1, 9'000'000, ms(20)), ms(9e12) + ms(20));
  EXPECT_EQ(network.receive(1, 1'000'000, ms(20)), SimTime::max());
  EXPECT_EQ(network.receive(1, 1, ms(9e12)), SimTime::max()) << "it waits behind that";
  EXPECT_EQ(network.receive(2, 10'000'000, ms(20)), SimTime::max());
  EXPECT_EQ(network.use().busiest, ms(9e12));
  // Its first byte would have left before time began.
  Network both(links(20, kSlow, kSlow), 2);
  EXPECT_EQ(both.receive(1, 100'000'000, ms(20)), SimTime::max());
}

TEST(LinksNetwork, AMessageThatIsSentAgainTooLateNeverArrives) {
  LinksOptions options = links(20, kSlow, kUnlimited);
  options.passage.loss = {0.9};
  options.passage.retransmit = true;
  Network network(options, 2);
  // Each time takes 10^9 s, so that the tenth is too late; 0.9^9 = 39 % of messages need it.
  int late = 0;
  for (PeerId from = 0; from < 2; ++from) {
    Rng loss = Rng(1).split("loss", static_cast<std::uint64_t>(from));
    int losses = 0;
    while (loss.uniform() < 0.9) ++losses;
    const std::optional<SimTime> arrival = network.send(from, 1'000'000, ms(0));
    EXPECT_EQ(arrival.has_value(), losses < 9) << losses;
    late += losses < 9 ? 0 : 1;
    EXPECT_EQ(network.send(from, 10'000'000, ms(0)), std::nullopt);
  }
  EXPECT_GT(late, 0) << "choose another seed";
}

TEST(LinksNetwork, RefusesASpreadOfNothing) {
  LinksOptions options;
  options.links.bandwidth_sigma = 0.5;
  EXPECT_EQ(infeasible(options, 3), "bandwidth_sigma needs a limited up or down");
  EXPECT_THROW(make_network(options, 3, Rng(1)), UserError);
  options.links.down = {1e6};
  EXPECT_FALSE(infeasible(options, 3));
}

}  // namespace
}  // namespace hearsay

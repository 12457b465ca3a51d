#include "node/world/shared_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "node/base/error.hpp"
#include "node/base/rng.hpp"
#include "node/world/fair_shares.hpp"
#include "tests/reference/reference_shares.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/world/network_driver.hpp"

namespace hearsay {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

SharedOptions shared(double latency_ms, double up, double down, double backbone = kUnlimited) {
  return {.passage = {.latency = ms(latency_ms)},
          .links = {.up = {up}, .down = {down}},
          .backbone = {backbone}};
}

/// When messages are received, by sender and sequence.
std::vector<SimTime> times(const SharedOptions& options, int num_peers,
                           const std::vector<Sending>& sendings) {
  const auto network = make_network(options, num_peers, Rng(1));
  NetworkDriver driver(sendings);
  return received_times(driver.run(*network));
}

std::vector<SimTime> all_ms(std::initializer_list<double> values) {
  std::vector<SimTime> list;
  for (const double value : values) list.push_back(ms(value));
  return list;
}

TEST(SharedNetwork, OneMessageTakesItsLatencyAndThenTheTightestLink) {
  EXPECT_EQ(times(shared(20, 1e6, 2e6), 2, {{0, 1, 10'000}}), all_ms({30}));
  EXPECT_EQ(times(shared(20, 1e6, 0.5e6), 2, {{0, 1, 10'000}}), all_ms({40}));
  EXPECT_EQ(times(shared(20, 1e6, 0.5e6, 0.25e6), 2, {{0, 1, 10'000}}), all_ms({60}));
  EXPECT_EQ(times(shared(20, kUnlimited, kUnlimited), 2, {{0, 1, 10'000}}), all_ms({20}));
  EXPECT_EQ(times(shared(20, 1e6, 1e6), 2, {{0, 1, 0}}), all_ms({20})) << "no bytes";
  EXPECT_EQ(times(shared(0, kUnlimited, kUnlimited), 2, {{0, 1, 9, ms(3)}}), all_ms({3}));
}

TEST(SharedNetwork, RoundsTimesUpToWholeNanoseconds) {
  // 1 byte at 3 B/s: 333,333,333.3 ns.
  EXPECT_EQ(times(shared(0, 3, kUnlimited), 2, {{0, 1, 1}}).at(0).nanoseconds, 333'333'334);
}

TEST(SharedNetwork, SharesABottleneckEqually) {
  // 10, 20 and 30 kB from 20 ms on over 1 MB/s. At a third each the first ends after
  // 30 ms; at a half each the second's other 10 kB take 20 ms; the last 10 kB 10 ms.
  EXPECT_EQ(times(shared(20, kUnlimited, kUnlimited, 1e6), 6,
                  {{0, 1, 10'000}, {2, 3, 20'000}, {4, 5, 30'000}}),
            all_ms({50, 70, 80}));
}

TEST(SharedNetwork, GivesToOthersWhatAStarsHubCannotTake) {
  // Links of 1 MB/s. Peer 1 receives from 0, 3 and 4 at a third each; peer 0 sends the
  // rest, two thirds, to 2: 100 kB take 150 ms, those to peer 1 300 ms.
  EXPECT_EQ(times(shared(20, 1e6, 1e6), 5,
                  {{0, 1, 100'000}, {0, 2, 100'000}, {3, 1, 100'000}, {4, 1, 100'000}}),
            all_ms({320, 170, 320, 320}));
}

TEST(SharedNetwork, LateComersSlowDownWhatIsUnderWay) {
  // 100 kB alone from 10 to 60 ms, 50 kB of them gone; then two at a half each: the first
  // ends at 160 ms, the second has 50 kB of 100 left, done at 210 ms.
  EXPECT_EQ(times(shared(10, kUnlimited, 1e6), 3, {{0, 2, 100'000}, {1, 2, 100'000, ms(50)}}),
            all_ms({160, 210}));
}

class SharedByRtt : public testing::Test {
 protected:
  /// Latencies of 10 ms from peer 0, 40 ms from peer 1.
  SharedOptions options(double down) {
    const std::string path = (directory_.path() / "latency.csv").string();
    std::ofstream(path) << "0,10,10\n40,0,40\n1,1,0\n";
    return {
        .passage = {.latency_matrix = path}, .links = {.down = {down}}, .sharing = Sharing::kRtt};
  }
  TemporaryDirectory directory_;
};

TEST_F(SharedByRtt, SharesAreInProportionToOneOverLatency) {
  // Peer 0's 100 kB alone from 10 to 40 ms: 30 kB. Then weights 100 : 25, 0.8 and
  // 0.2 MB/s: its 70 kB take 87.5 ms, to 127.5 ms; the other's 17.5 kB are gone, 82.5 kB
  // take 82.5 ms.
  EXPECT_EQ(times(options(1e6), 3, {{0, 2, 100'000}, {1, 2, 100'000}}), all_ms({127.5, 210}));
  SharedOptions equal = options(1e6);
  equal.sharing = Sharing::kEqual;
  // 70 kB at a half each: 140 ms, to 180; the other's last 30 kB to 210 ms.
  EXPECT_EQ(times(equal, 3, {{0, 2, 100'000}, {1, 2, 100'000}}), all_ms({180, 210}));
}

TEST_F(SharedByRtt, Lv08WeighsLinksToo) {
  SharedOptions lv08 = options(1e6);
  lv08.model = FlowModel::kLv08;
  // Starts: 13.01 * 10 = 130.1 and 13.01 * 40 = 520.4 ms. Capacity: 0.97 / 1.05 MB/s.
  const double capacity = 0.97 / 1.05 * 1e6;
  // Penalties: latency + 20537 / 1e6 s.
  const double share = (1 / 0.030537) / (1 / 0.030537 + 1 / 0.060537);
  const double left = 1e6 - capacity * (0.5204 - 0.1301);
  const double first_end = 0.5204 + left / (share * capacity);
  const double second_end = 0.1301 + 2e6 / capacity;  // The link is never idle.
  const auto ends = times(lv08, 3, {{0, 2, 1'000'000}, {1, 2, 1'000'000}});
  EXPECT_NEAR(ends.at(0).seconds(), first_end, 3e-9);
  EXPECT_NEAR(ends.at(1).seconds(), second_end, 3e-9);
}

TEST_F(SharedByRtt, NeedsLatencies) {
  SharedOptions none = shared(0, 1e6, 1e6);
  none.sharing = Sharing::kRtt;
  EXPECT_EQ(infeasible(none, 2), "sharing rtt needs a latency above 0");
  EXPECT_THROW(make_network(none, 2, Rng(1)), UserError);
  SharedOptions zero = options(1e6);
  std::ofstream(zero.passage.latency_matrix) << "0,10,10\n40,0,40\n1,0,0\n";
  EXPECT_FALSE(infeasible(zero, 3));
  EXPECT_THROW(make_network(zero, 3, Rng(1)), UserError);
}

TEST(SharedNetwork, Lv08HasItsClosedForm) {
  // 13.01 * 0.010 + 1.05 * 100e3 * 8 / (0.97 * 1e6) = 0.1301 + 0.865979381... s.
  SharedOptions options = shared(10, 125'000, kUnlimited);
  options.model = FlowModel::kLv08;
  EXPECT_EQ(times(options, 2, {{0, 1, 100'000}}).at(0).nanoseconds, 996'079'382);
}

TEST(SharedNetwork, SymmetricMessagesEndTogether) {
  // Each of 60 peers sends to the 8 after it: 8 * 123,457 B over 1.7 MB/s.
  std::vector<Sending> sendings;
  for (PeerId peer = 0; peer < 60; ++peer) {
    for (PeerId step = 1; step <= 8; ++step) {
      sendings.push_back({peer, (peer + step) % 60, 123'457});
    }
  }
  const std::vector<SimTime> ends = times(shared(15, 1.7e6, 1.7e6), 60, sendings);
  ASSERT_EQ(ends.size(), sendings.size());
  EXPECT_NEAR(ends.front().seconds(), 0.015 + 8 * 123'457 / 1.7e6, 1e-9);
  for (const SimTime end : ends) EXPECT_EQ(end, ends.front());
}

/// Messages of random sizes between random peers at random times.
std::vector<Sending> random_sendings(int num_peers, int count, Rng rng) {
  std::vector<Sending> sendings;
  for (int i = 0; i < count; ++i) {
    const auto from = static_cast<PeerId>(rng.below(static_cast<std::uint64_t>(num_peers)));
    const auto step = static_cast<PeerId>(1 + rng.below(static_cast<std::uint64_t>(num_peers) - 1));
    sendings.push_back({from,
                        (from + step) % num_peers,
                        static_cast<std::int64_t>(1 + rng.below(300'000)),
                        {static_cast<std::int64_t>(rng.below(2'000'000'000))}});
  }
  return sendings;
}

TEST(SharedNetwork, TimesAreThoseOfTheReference) {
  constexpr int kPeers = 6;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const bool has_backbone = seed % 2 == 1;
    const SharedOptions options = shared(30, 0.4e6, 0.3e6, has_backbone ? 0.9e6 : kUnlimited);
    NetworkDriver driver(random_sendings(kPeers, 60, Rng(seed)));
    const auto network = make_network(options, kPeers, Rng(seed));
    driver.run(*network);

    std::vector<double> capacities(kPeers, 0.4e6);
    capacities.insert(capacities.end(), kPeers, 0.3e6);
    capacities.push_back(has_backbone ? 0.9e6 : 1e12);
    std::vector<ReferenceFlow> flows;
    std::vector<double> starts;
    std::vector<double> bytes;
    for (const Sending& sending : driver.sendings()) {
      flows.push_back({.links = {sending.from, kPeers + sending.to, 2 * kPeers}});
      starts.push_back(sending.time.seconds() + 0.03);
      bytes.push_back(static_cast<double>(sending.bytes));
    }
    std::vector<double> expected = reference_ends(capacities, flows, starts, bytes);
    std::vector<double> actual;
    for (const Received& reception : driver.run(*network)) {
      actual.push_back(reception.received.seconds());
    }
    std::ranges::sort(expected);
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      // Every end so far may have been rounded up by a nanosecond.
      ASSERT_NEAR(actual[i], expected[i], 60e-9) << "seed " << seed;
    }
  }
}

TEST(SharedNetwork, ABackboneIsNeverIdleWhileMessagesAreUnderWay) {
  // Whatever the shares, a link that serves at full speed empties as a queue does:
  // work(t) falls by 1 per second and jumps by b / C.
  NetworkDriver driver(random_sendings(20, 400, Rng(5)));
  const auto network = make_network(shared(0, kUnlimited, kUnlimited, 40e6), 20, Rng(1));
  driver.run(*network);
  double empty = 0.0;
  double busy = 0.0;
  for (const Sending& sending : driver.sendings()) {
    const double work = static_cast<double>(sending.bytes) / 40e6;
    empty = std::max(empty, sending.time.seconds()) + work;
    busy += work;
  }
  EXPECT_NEAR(driver.run(*network).back().received.seconds(), empty, 400e-9);
  EXPECT_NEAR(network->use().busiest.seconds(), busy, 400e-9);
}

TEST(SharedNetwork, UseTellsTheBusiestLinkAndTheLongestWait) {
  // As in SharesABottleneckEqually, over peer 3's downlink: busy from 20 to 80 ms. The
  // 20 kB took 50 ms instead of 20, the 30 kB 60 instead of 30.
  const auto network = make_network(shared(20, kUnlimited, 1e6), 4, Rng(1));
  NetworkDriver driver({{0, 3, 10'000}, {1, 3, 20'000}, {2, 3, 30'000}});
  driver.run(*network);
  EXPECT_EQ(network->use().busiest, ms(60));
  EXPECT_EQ(network->use().longest_wait, ms(30));
}

TEST(SharedNetwork, SendsALostMessageAgainAsANewFlow) {
  SharedOptions options = shared(20, 1e6, kUnlimited);
  options.passage.loss = {0.5};
  options.passage.retransmit = true;
  options.passage.retransmit_timeout = ms(100);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto network = make_network(options, 2, Rng(seed));
    Rng loss = Rng(seed).split("loss", 0);
    // Each time 20 ms of latency and 10 ms of uplink; timeouts of 100, 200, ... ms.
    double expected = 30;
    int losses = 0;
    for (double timeout = 100; loss.uniform() < 0.5; timeout *= 2, ++losses) {
      expected += timeout + 30;
    }
    NetworkDriver driver({{0, 1, 10'000}});
    EXPECT_EQ(received_times(driver.run(*network)), all_ms({expected}));
    EXPECT_EQ(network->use().retransmissions, losses);
    EXPECT_EQ(network->use().busiest, ms(10.0 * (losses + 1)));
  }
}

TEST(SharedNetwork, ALostMessageSlowsOthersDownAllTheSame) {
  SharedOptions options = shared(0, kUnlimited, 1e6);
  options.passage.loss = {0.5};
  bool met_one = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto network = make_network(options, 3, Rng(seed));
    NetworkDriver driver({{0, 2, 10'000}, {1, 2, 10'000}});
    const std::vector<SimTime> ends = received_times(driver.run(*network));
    const auto lost = std::ranges::count(driver.fates(), Fate::kLost);
    ASSERT_EQ(static_cast<long>(ends.size()), 2 - lost);
    met_one = met_one || lost == 1;
    for (const SimTime end : ends) EXPECT_EQ(end, ms(20));
  }
  EXPECT_TRUE(met_one);
}

TEST(SharedNetwork, AMessageAloneTakesTheSameTimeHoweverMuchWentBefore) {
  std::vector<Sending> sendings;
  for (int i = 0; i < 3000; ++i) {
    sendings.push_back({0, 1, 1'000'000'000 + 997 * i, ms(2e6 * i)});
  }
  SharedOptions options = shared(7, 777'777, 1e6);
  options.sharing = Sharing::kRtt;  // Weights of 1 would keep all numbers whole.
  const std::vector<SimTime> ends = times(options, 2, sendings);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const double nanoseconds = static_cast<double>(sendings[i].bytes) / 777'777 * 1e9;
    const SimTime expected{static_cast<std::int64_t>(std::ceil(nanoseconds - 1e-3))};
    ASSERT_EQ(ends[i] - sendings[i].time - ms(7), expected) << "message " << i;
  }
}

// At 1 mB/s a megabyte takes 10^9 s. Time ends after 9.22 * 10^9 s.
TEST(SharedNetwork, AMessageThatTakesLongerThanTimeLastsNeverArrives) {
  const SharedOptions slow = shared(0, 1e-3, kUnlimited);
  EXPECT_EQ(times(slow, 2, {{0, 1, 9'000'000}}), all_ms({9e12}));
  EXPECT_TRUE(times(slow, 2, {{0, 1, 10'000'000}}).empty());
  EXPECT_EQ(times(slow, 3, {{0, 1, 10'000'000}, {2, 1, 1'000'000}}), all_ms({1e12}));
  EXPECT_EQ(times(slow, 2, {{0, 1, 8'000'000}, {0, 1, 2'000'000, ms(8e12)}}), all_ms({8e12}));
  const SimTime late = SimTime::max() - ms(10);
  EXPECT_TRUE(times(shared(20, 1e6, 1e6), 2, {{0, 1, 1000, late}}).empty());
}

TEST(SharedNetwork, DeliversInOrderOfSenderAndSequence) {
  const auto network = make_network(shared(5, kUnlimited, 1e6), 4, Rng(1));
  std::vector<Arrival> arrivals;
  // All reach their downlinks at 6 ms; 1 kB take 1 ms, two at once 2 ms.
  const std::vector<Transfer> transfers = {
      {2, 1, 9, 1000}, {0, 3, 8, 1000}, {3, 0, 7, 1000}, {0, 2, 6, 1000}, {1, 2, 5, 1000}};
  for (const Transfer& transfer : transfers) {
    EXPECT_EQ(network->send(transfer, ms(1), arrivals), Fate::kUnderway);
  }
  EXPECT_EQ(network->advance(ms(6), arrivals), SimTime::max()) << "not yet";
  EXPECT_TRUE(arrivals.empty());
  EXPECT_EQ(network->advance(ms(8), arrivals), ms(7));
  EXPECT_EQ(network->advance(SimTime::max(), arrivals), ms(8));
  EXPECT_EQ(network->advance(SimTime::max(), arrivals), SimTime::max());
  std::vector<std::uint64_t> sequences;
  for (const Arrival& arrival : arrivals) sequences.push_back(arrival.transfer.sequence);
  EXPECT_EQ(sequences, (std::vector<std::uint64_t>{8, 9, 7, 6, 5}));
}

}  // namespace
}  // namespace hearsay

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "node/runtime/compute_model.hpp"
#include "node/runtime/network_model.hpp"

namespace hearsay {
namespace {

constexpr std::int64_t kMs = 1'000'000;

SimTime ms(double value) { return SimTime::from_seconds(value * 1e-3); }

LinksOptions links(double latency_ms, double up, double down) {
  return {.latency = ms(latency_ms), .up = {up}, .down = {down}};
}

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

TEST(NetworkModel, LatencyAloneDelaysEveryMessageAlike) {
  NetworkModel network(links(20, kUnlimited, kUnlimited), 3, Rng(1));
  EXPECT_EQ(network.send(0, 1'000'000, ms(5)), ms(25));
  EXPECT_EQ(network.send(0, 1, ms(5)), ms(25));
  EXPECT_EQ(network.receive(1, 1'000'000, ms(25)), ms(25));
}

TEST(NetworkModel, UplinkSendsOneMessageAfterAnother) {
  // 10 kB at 1 MB/s take 10 ms each.
  NetworkModel network(links(20, 1e6, kUnlimited), 2, Rng(1));
  EXPECT_EQ(network.send(0, 10'000, ms(0)), ms(30));
  EXPECT_EQ(network.send(0, 10'000, ms(0)), ms(40));
  EXPECT_EQ(network.send(1, 10'000, ms(0)), ms(30)) << "another peer's uplink is free";
  EXPECT_EQ(network.send(0, 10'000, ms(100)), ms(130)) << "idle again";
}

TEST(NetworkModel, ReceptionOverlapsWithTransmission) {
  // Up 1 MB/s, down 2 MB/s: 10 kB arrive from 20 ms (first byte) to 30 ms (last byte); the
  // faster downlink adds nothing.
  NetworkModel fast(links(20, 1e6, 2e6), 2, Rng(1));
  const SimTime last = *fast.send(0, 10'000, ms(0));
  EXPECT_EQ(fast.receive(1, 10'000, last), ms(30));
  // Down 0.5 MB/s: 20 ms from the first byte on.
  NetworkModel slow(links(20, 1e6, 0.5e6), 2, Rng(1));
  EXPECT_EQ(slow.receive(1, 10'000, *slow.send(0, 10'000, ms(0))), ms(40));
}

TEST(NetworkModel, DownlinkReceivesOneMessageAfterAnother) {
  // Three peers send 10 kB at once at 1 MB/s: the last bytes arrive at 30 ms. The receiver
  // takes 5 ms for each at 2 MB/s, the first during transmission: 30, 35, 40 ms.
  NetworkModel network(links(20, 1e6, 2e6), 4, Rng(1));
  for (const double expected : {30.0, 35.0, 40.0}) {
    EXPECT_EQ(network.receive(3, 10'000, ms(30)), ms(expected));
  }
  EXPECT_EQ(network.receive(2, 10'000, ms(30)), ms(30)) << "another peer's downlink is free";
}

TEST(NetworkModel, LosesTheConfiguredShareAndSpendsTheUplinkAllTheSame) {
  LinksOptions options = links(20, 1e6, kUnlimited);
  options.loss = {0.3};
  NetworkModel network(options, 2, Rng(1));
  int lost = 0;
  for (int i = 0; i < 10'000; ++i) lost += network.send(0, 1000, ms(0)) ? 0 : 1;
  // Standard deviation of the share: sqrt(0.3 * 0.7 / 10000) = 0.0046.
  EXPECT_NEAR(lost / 10'000.0, 0.3, 0.02);
  std::optional<SimTime> last;
  while (!last) last = network.send(0, 1000, ms(0));
  EXPECT_GE(last->nanoseconds, 10'000 * kMs);
}

TEST(ComputeModel, FixedCostsStepsTimesStepTime) {
  const ComputeModel compute(FixedComputeOptions{.step_time = ms(2), .aggregation_time = ms(3)}, 4,
                             Rng(1));
  EXPECT_EQ(compute.training_time(0, 10), ms(20));
  EXPECT_EQ(compute.training_time(3, 0), ms(0));
  EXPECT_EQ(compute.aggregation_time(2), ms(3));
}

TEST(ComputeModel, LognormalDrawsOneSpeedPerPeer) {
  const int peers = 20'001;
  const ComputeModel compute(
      LognormalComputeOptions{.step_time = ms(2), .sigma = 0.5, .aggregation_time = ms(1)}, peers,
      Rng(1));
  std::vector<double> logs;
  for (PeerId peer = 0; peer < peers; ++peer) {
    const double step = compute.training_time(peer, 1000).seconds() / 2.0;
    EXPECT_NEAR(compute.aggregation_time(peer).seconds() * 1e3 / step, 1.0, 1e-3);
    logs.push_back(std::log(step));
  }
  std::ranges::sort(logs);
  // Standard error of the median: 1.25 * 0.5 / sqrt(20001) = 0.0044.
  EXPECT_NEAR(logs[peers / 2], 0.0, 0.02);
  EXPECT_NEAR(logs[peers * 84 / 100], 0.5, 0.03) << "one sigma above";
}

}  // namespace
}  // namespace hearsay

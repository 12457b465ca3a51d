#include "node/world/tcp_windows.hpp"

#include <gtest/gtest.h>

#include "node/world/links_network.hpp"
#include "node/world/shared_network.hpp"
#include "tests/world/network_driver.hpp"

namespace hearsay {
namespace {

// A link carries a segment per millisecond.
TcpPath path(double round_trip_ms) {
  return {.round_trip = ms(round_trip_ms), .segment_time = ms(1)};
}

TEST(SlowStart, WaitsForAcknowledgementsUntilTheLinkIsFull) {
  EXPECT_EQ(slow_start_delay(10, 10, path(20)), ms(0)) << "one window";
  EXPECT_EQ(slow_start_delay(11, 10, path(20)), ms(20 + 1 - 10));
  // 4, 8 and 16 segments: 17 + 13 + 5 ms; 32 take longer than the round trip.
  EXPECT_EQ(slow_start_delay(28, 4, path(20)), ms(30));
  EXPECT_EQ(slow_start_delay(29, 4, path(20)), ms(35));
  EXPECT_EQ(slow_start_delay(100'000, 4, path(20)), ms(35));
  EXPECT_EQ(slow_start_delay(100'000, 21, path(20)), ms(0)) << "as long as the round trip";
}

TEST(SlowStart, TakesARoundTripPerWindowWithoutALimitOfBandwidth) {
  // 10, 20, 40, 30.
  EXPECT_EQ(slow_start_delay(100, 10, {.round_trip = ms(20), .segment_time = {}}), ms(60));
  EXPECT_EQ(slow_start_delay(100, 10, {.round_trip = {}, .segment_time = {}}), ms(0));
}

TEST(TcpWindows, CountWhatSegmentsAdd) {
  const TcpWindows tcp({.segment = 1000, .header = 30, .acknowledgement = 20}, 2);
  EXPECT_EQ(tcp.segments(0), 0);
  EXPECT_EQ(tcp.segments(2000), 2);
  EXPECT_EQ(tcp.segments(2001), 3);
  EXPECT_EQ(tcp.wire_bytes(2001), 2151);
  EXPECT_EQ(tcp.wire_window(3), 3150);
}

class Windows : public testing::Test {
 protected:
  /// Sends segments over a connection that a round trip of 200 ms fills with 200 of them.
  void send(PeerId from, PeerId to, std::int64_t segments, SimTime left) {
    const Transfer transfer{.from = from, .to = to, .bytes = 1000 * segments};
    tcp_.close(transfer, tcp_.open(transfer, left, path(200)), path(200), left);
  }
  std::int64_t window(PeerId from, PeerId to, SimTime now) {
    return tcp_.open({.from = from, .to = to}, now, path(200));
  }

  TcpWindows tcp_{{.initial_window = 10, .segment = 1000}, 3};
};

TEST_F(Windows, GrowByWhatIsAcknowledgedButToNoMoreThanTwiceWhatIsInUse) {
  EXPECT_EQ(window(0, 1, ms(0)), 10);
  send(0, 1, 5, ms(0));
  EXPECT_EQ(window(0, 1, ms(0)), 10);
  send(0, 1, 8, ms(0));
  EXPECT_EQ(window(0, 1, ms(0)), 16) << "2 * 8";
  send(0, 1, 30, ms(0));
  EXPECT_EQ(window(0, 1, ms(0)), 46) << "16 + 30";
  EXPECT_EQ(window(1, 0, ms(0)), 10) << "another direction";
  EXPECT_EQ(window(0, 2, ms(0)), 10) << "another connection";
}

TEST_F(Windows, StopGrowingWhenAcknowledgementsTakeHalfARoundTrip) {
  send(0, 1, 1000, ms(0));
  EXPECT_EQ(window(0, 1, ms(0)), 260) << "10, 20, ..., 160, and 100 more";
  send(0, 1, 1000, ms(0));
  EXPECT_EQ(window(0, 1, ms(0)), 260);
}

TEST_F(Windows, AreHalvedForEveryTimeoutInWhichNothingIsSent) {
  send(0, 1, 1000, ms(1000));
  EXPECT_EQ(window(0, 1, ms(1400)), 260) << "200 + 200 ms are one timeout";
  EXPECT_EQ(window(0, 1, ms(1400.1)), 130);
  EXPECT_EQ(window(0, 1, ms(1800)), 130);
  EXPECT_EQ(window(0, 1, ms(1800.1)), 65);
  EXPECT_EQ(window(0, 1, ms(2600)), 32);
  EXPECT_EQ(window(0, 1, ms(1e9)), 10);
}

TEST_F(Windows, StayWhereRestartIsOff) {
  tcp_ = TcpWindows({.segment = 1000, .idle_restart = false}, 3);
  send(0, 1, 1000, ms(1000));
  EXPECT_EQ(window(0, 1, ms(1e9)), 260);
}

constexpr double kByteRate = 12.5e6;  // 100 Mbit/s.
constexpr std::int64_t kModel = 148'800;

// 103 segments, each with 99 bytes more, 158,997 in all: 12.71976 ms; 0.12376 ms per segment.
// Windows of 10, 20 and 40 come before the rest: 3 * 100 - (9 + 19 + 39) * 0.12376 = 291.70808 ms.
// Linux (cubic, kernel 6.18) took 355.2 ms over such a link.
constexpr double kLinks = 12.71976;
constexpr double kAlone = 50 + kLinks + 291.70808;

TEST(TcpOverLinks, AddsHeadersAndSlowStart) {
  const LinksOptions options{.passage = {.latency = ms(50), .tcp = TcpOptions{}},
                             .links = {.up = {kByteRate}, .down = {2 * kByteRate}}};
  const auto network = make_network(options, 3, Rng(1));
  // The window has grown to 113, then shrunk to 10 again.
  NetworkDriver driver(
      {{0, 1, kModel}, {0, 2, kModel}, {0, 1, kModel, ms(360)}, {0, 1, kModel, ms(5000)}});
  const std::vector<SimTime> times = received_times(driver.run(*network));
  EXPECT_EQ(times[0], ms(kAlone));
  EXPECT_EQ(times[1], ms(kAlone + kLinks)) << "behind the first one";
  EXPECT_EQ(times[2], ms(360 + 50 + kLinks));
  EXPECT_EQ(times[3], ms(5000 + kAlone));
}

TEST(TcpOverLinks, KeepsTheOrderOfAConnection) {
  const LinksOptions options{.passage = {.latency = ms(50), .tcp = TcpOptions{}}, .links = {}};
  const auto network = make_network(options, 2, Rng(1));
  // The second message needs no window of its own; it arrives with the first, 3 round trips late.
  NetworkDriver driver({{0, 1, kModel}, {0, 1, 100, ms(1)}});
  const std::vector<SimTime> times = received_times(driver.run(*network));
  EXPECT_EQ(times[0], ms(350));
  EXPECT_EQ(times[1], ms(350));
}

TEST(TcpOverSharedLinks, WindowsOfOneMessageAreFlowsInARow) {
  const SharedOptions options{.passage = {.latency = ms(50), .tcp = TcpOptions{}},
                              .links = {.up = {kByteRate}, .down = {2 * kByteRate}}};
  const auto alone = make_network(options, 3, Rng(1));
  NetworkDriver one({{0, 1, kModel}});
  EXPECT_EQ(received_times(one.run(*alone)).at(0), ms(kAlone));
  // The last 33 segments begin at 50 + 3 * 100.12376 ms; both messages have 158,997 - 70 * 1547 =
  // 50,707 bytes left.
  const auto both = make_network(options, 3, Rng(1));
  NetworkDriver two({{0, 1, kModel}, {0, 2, kModel}});
  for (const SimTime time : received_times(two.run(*both))) {
    EXPECT_EQ(time, ms(350.37128 + 2 * 50'707 / kByteRate * 1e3));
  }
}

TEST(TcpOverSharedLinks, FillsALinkThatIsSlowerThanTheWindow) {
  // 10 segments take 12.376 ms, longer than the round trip: no delay.
  const SharedOptions options{.passage = {.latency = ms(2), .tcp = TcpOptions{}},
                              .links = {.up = {1.25e6}, .down = {}}};
  const auto network = make_network(options, 2, Rng(1));
  NetworkDriver driver({{0, 1, kModel}});
  EXPECT_EQ(received_times(driver.run(*network)).at(0), ms(2 + 127.1976));
}

}  // namespace
}  // namespace hearsay

#include "node/world/simgrid_network.hpp"
#include "node/world/networks.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "node/base/error.hpp"
#include "tests/data/error_message.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/world/network_driver.hpp"
#include "tests/world/own_process.hpp"
#include "tests/world/platform_file.hpp"

namespace hearsay {
namespace {

using Sendings = std::vector<Sending>;

/// 1 MB/s up and down, 20 ms, nothing of TCP.
SimgridOptions fluid_star() {
  return {.up = {1e6}, .down = {1e6}, .model = SimgridModel::kCm02, .crosstraffic = false};
}

std::unique_ptr<NetworkModel> network_of(const SimgridOptions& options, int num_peers) {
  return make_network(options, num_peers, Rng(1));
}

/// By sender and sequence.
std::vector<SimTime> arrivals(const SimgridOptions& options, int num_peers,
                              const Sendings& sendings) {
  return in_own_process(
      [&] { return received_times(NetworkDriver(sendings).run(*network_of(options, num_peers))); });
}

std::string error_of(const SimgridOptions& options, int num_peers, const Sendings& sendings) {
  return user_error_of([&] { arrivals(options, num_peers, sendings); });
}

/// The only message's arrival, in seconds.
double lone_arrival_s(const SimgridOptions& options, std::int64_t bytes) {
  return arrivals(options, 2, {{.from = 0, .to = 1, .bytes = bytes}}).at(0).seconds();
}

TEST(SimgridNetwork, LoneMessageTakesLatencyAndTransmission) {
  EXPECT_EQ(arrivals(fluid_star(), 2, {{.to = 1, .bytes = 1'000'000, .time = ms(7)}}),
            std::vector{ms(1027)});
}

// A alone crosses the uplink from 0.02 s on and has half left at 0.52 s, when B begins.
// Both have 0.5 MB/s: A ends at 1.52 s. B, then half done, ends at 2.02 s.
TEST(SimgridNetwork, MessagesShareAnUplink) {
  EXPECT_EQ(arrivals(fluid_star(), 3,
                     {{.from = 0, .to = 1, .bytes = 1'000'000},
                      {.from = 0, .to = 2, .bytes = 1'000'000, .time = ms(500)}}),
            (std::vector{ms(1520), ms(2020)}));
}

// All four share 1 MB/s; two hosts send two each.
TEST(SimgridNetwork, MessagesShareTheBackbone) {
  SimgridOptions options = fluid_star();
  options.up = options.down = {};
  options.backbone = {1e6};
  EXPECT_EQ(arrivals(options, 4,
                     {{.from = 0, .to = 1, .bytes = 100'000},
                      {.from = 0, .to = 2, .bytes = 200'000},
                      {.from = 3, .to = 1, .bytes = 200'000},
                      {.from = 3, .to = 2, .bytes = 200'000}}),
            (std::vector{ms(420), ms(720), ms(720), ms(720)}));
}

// 13.01 * 0.01 + 1.05 * 1e5 * 8 / (0.97 * 1e6) = 0.996079, on a link of both directions.
TEST(SimgridNetwork, Lv08HasItsClosedForm) {
  const SimgridOptions star{.latency = ms(10), .backbone = {125e3}};
  EXPECT_NEAR(lone_arrival_s(star, 100'000), 0.996079, 1e-6);

  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "one_link.xml";
  std::ofstream(file) << platform_head()
                      << "<zone id='all' routing='Full'><host id='a' speed='1Gf'/>"
                         "<host id='b' speed='1Gf'/>"
                         "<link id='l' bandwidth='1Mbps' latency='10ms'/>"
                         "<route src='a' dst='b'><link_ctn id='l'/></route></zone></platform>\n";
  EXPECT_NEAR(lone_arrival_s({.platform = file.string()}, 100'000), 0.996079, 1e-6);
}

// Without the flow of acknowledgements: 0.1301 + 0.8 / 0.97 = 0.954842.
TEST(SimgridNetwork, CrosstrafficTakesFromTheWayBack) {
  SimgridOptions options{.latency = ms(10), .backbone = {125e3}, .crosstraffic = false};
  EXPECT_NEAR(lone_arrival_s(options, 100'000), 0.954842, 1e-6);
  options = {.latency = ms(10), .up = {125e3}, .down = {125e3}};
  EXPECT_NEAR(lone_arrival_s(options, 100'000), 0.954842, 1e-6);
}

// 4 MiB / (2 * 0.5 s) = 4194304 B/s: 1 MB takes 0.238419 s on a link of 100 MB/s.
TEST(SimgridNetwork, TcpWindowBoundsTheRate) {
  SimgridOptions options = fluid_star();
  options.latency = ms(500);
  options.up = options.down = {1e8};
  EXPECT_NEAR(lone_arrival_s(options, 1'000'000), 0.738419, 1e-6);
}

// SMPI's factors for 65,472 bytes and more are 11.6436 and 0.940694:
// 0.116436 + 0.1 / 0.940694 = 0.222740.
TEST(SimgridNetwork, ModelIsChosen) {
  SimgridOptions options = fluid_star();
  options.latency = ms(10);
  options.model = SimgridModel::kSmpi;
  EXPECT_NEAR(lone_arrival_s(options, 100'000), 0.222740, 1e-6);
}

TEST(SimgridNetwork, PeersAreHostsInOrderOfNames) {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "names.xml";
  std::ofstream(file) << platform_head()
                      << "<zone id='all' routing='Full'><host id='h2' speed='1Gf'/>"
                         "<host id='h10' speed='1Gf'/><host id='g' speed='1Gf'/>"
                         "<link id='fast' bandwidth='1MBps' latency='0s'/>"
                         "<link id='slow' bandwidth='500kBps' latency='0s'/>"
                         "<route src='g' dst='h10'><link_ctn id='fast'/></route>"
                         "<route src='g' dst='h2'><link_ctn id='slow'/></route>"
                         "</zone></platform>\n";
  const SimgridOptions options{
      .platform = file.string(), .model = SimgridModel::kCm02, .crosstraffic = false};
  // Peers are g, h10, h2: 1 is reached by the fast link, 2 by the slow one.
  EXPECT_EQ(arrivals(options, 3,
                     {{.from = 0, .to = 1, .bytes = 1'000'000},
                      {.from = 0, .to = 2, .bytes = 1'000'000}}),
            (std::vector{ms(1000), ms(2000)}));
  // h10 and h2 are joined by nothing.
  const std::string error = error_of(options, 3, {{.from = 1, .to = 2, .bytes = 1}});
  EXPECT_NE(error.find("no route from host 'h10' to 'h2'"), std::string::npos) << error;
}

// Among them empty messages and many sent at once.
TEST(SimgridNetwork, DeliversAllAlwaysAlike) {
  Rng rng(11);
  Sendings sendings;
  for (int i = 0; i < 600; ++i) {
    const auto from = static_cast<PeerId>(rng.below(12));
    const auto step = static_cast<PeerId>(1 + rng.below(11));
    sendings.push_back({from, (from + step) % 12, static_cast<std::int64_t>(rng.below(20'000)),
                        ms(5.0 * static_cast<double>(rng.below(200)))});
  }
  sendings.push_back({0, 1, 0, ms(2000)});
  const auto times = arrivals(fluid_star(), 12, sendings);
  EXPECT_EQ(times.size(), sendings.size());
  EXPECT_EQ(std::ranges::count(times, ms(2020)), 1);
  EXPECT_EQ(arrivals(fluid_star(), 12, sendings), times);
}

TEST(SimgridNetwork, AdvancesNoFurtherThanItsLimit) {
  const auto times = in_own_process([] {
    const auto network = network_of(fluid_star(), 3);
    std::vector<Arrival> arrivals;
    network->send({0, 1, 1, 1'000'000}, {}, arrivals);
    network->send({2, 1, 1, 1'000'000}, {}, arrivals);
    network->send({0, 1, 2, 3'000'000}, ms(2020), arrivals);
    std::vector<SimTime> seen;
    seen.push_back(network->advance(ms(2019), arrivals));
    seen.push_back(network->advance(ms(2020), arrivals));
    for (const Arrival& arrival : arrivals) seen.push_back({arrival.transfer.from});
    arrivals.clear();
    seen.push_back(network->advance(SimTime::max(), arrivals));
    seen.push_back(arrivals.at(0).time);
    seen.push_back(network->advance(SimTime::max(), arrivals));
    seen.push_back(network->use().busiest);
    return seen;
  });
  // The downlink of 1 is in use without a pause.
  EXPECT_EQ(times, (std::vector{SimTime::max(), ms(2020), SimTime{0}, SimTime{2}, ms(5040),
                                ms(5040), SimTime::max(), ms(5040)}));
}

// A platform of two hosts and a link, with another line among them.
std::string platform_with(const std::string& host, const std::string& link,
                          const std::string& more) {
  return platform_head() + "<zone id='all' routing='Full'>\n<host id='a' speed='1Gf'" + host +
         "/>\n<host id='b' speed='1Gf'/>\n<link id='l' bandwidth='1MBps' latency='0s'" + link +
         "/>\n<route src='a' dst='b'><link_ctn id='l'/></route></zone>\n" + more +
         "\n</platform>\n";
}

TEST(SimgridNetwork, RefusesAPlatformThatTurnsSomethingOff) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "fails.xml").string();
  std::ofstream(directory.path() / "states") << "0.5 0\n2 1\n";  // Off from 0.5 s to 2 s.
  const auto error_with = [&](const std::string& text) {
    std::ofstream(file) << text;
    return error_of({.platform = file}, 2, {{.from = 0, .to = 1, .bytes = 1'000'000}});
  };
  const auto refusal_at = [&](int line) {
    return "network.platform: " + file + ":" + std::to_string(line) +
           ": turns a host or link off at times; take that out and list failures under "
           "`faults`, such as crash or link_down";
  };
  // The head has three lines, then come the zone, the hosts and the link.
  EXPECT_EQ(error_with(platform_with(" state_file='states'", "", "")), refusal_at(5));
  EXPECT_EQ(error_with(platform_with("", "\nstate_file = 'states'", "")), refusal_at(7));
  const std::string trace = "<trace id='t' periodicity='0'>0.5 0\n2 1</trace>";
  const auto connect = [&](const std::string& kind) {
    return error_with(
        platform_with("", "", trace + "\n<trace_connect" + kind + " trace='t' element='l'/>"));
  };
  EXPECT_EQ(connect(" kind='LINK_AVAIL'"), refusal_at(11));
  EXPECT_EQ(connect(""), refusal_at(11));
  EXPECT_EQ(error_with(platform_with("", "", "<!-- <host state_file='states'/> -->")), "");
}

TEST(SimgridNetwork, FollowsBandwidthsThatChange) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "changes.xml").string();
  std::ofstream(directory.path() / "halved") << "0.5 500000\n";
  std::ofstream(file) << platform_with("", " bandwidth_file='halved'", "");
  const SimgridOptions options{
      .platform = file, .model = SimgridModel::kCm02, .crosstraffic = false};
  // 1 MB: half of it by 0.5 s, the rest at half the rate.
  EXPECT_EQ(arrivals(options, 2, {{.from = 0, .to = 1, .bytes = 1'000'000}}),
            std::vector{ms(1500)});
}

TEST(SimgridNetwork, CanBeDestroyedWithMessagesUnderWay) {
  const auto times = in_own_process([] {
    const auto network = network_of(fluid_star(), 20);
    std::vector<Arrival> arrivals;
    for (PeerId from = 0; from < 20; ++from) {
      network->send({from, (from + 1) % 20, 1, 1'000'000}, {}, arrivals);
    }
    return std::vector{network->advance(ms(1), arrivals)};
  });
  EXPECT_EQ(times, std::vector{SimTime::max()});
}

TEST(SimgridNetwork, LeavesSignalHandlersAlone) {
  const auto unchanged = in_own_process([] {
    const auto handler = [](int number) {
      struct sigaction action {};
      sigaction(number, nullptr, &action);
      return action.sa_handler;
    };
    const auto before = handler(SIGINT);
    const auto network = network_of(fluid_star(), 2);
    return std::vector{SimTime{handler(SIGINT) == before}};
  });
  EXPECT_EQ(unchanged, std::vector{SimTime{1}});
}

TEST(SimgridNetwork, CannotBeSaved) {
  EXPECT_FALSE(can_be_saved(NetworkOptions(fluid_star())));
  EXPECT_TRUE(can_be_saved(NetworkOptions(LinksOptions{})));
}

TEST(SimgridNetwork, RefusesASecondOneInAProcess) {
  const std::string error = user_error_of([] {
    in_own_process([] {
      network_of(fluid_star(), 2);
      network_of(fluid_star(), 2);
      return std::vector<SimTime>{};
    });
  });
  EXPECT_NE(error.find("one run per process"), std::string::npos) << error;
}

TEST(SimgridNetwork, RefusesPlatformAndStarAtOnce) {
  const SimgridOptions platform{.platform = "x.xml", .crosstraffic = false};
  EXPECT_EQ(infeasible(platform, 3), std::nullopt);
  EXPECT_EQ(infeasible(fluid_star(), 3), std::nullopt);
  SimgridOptions both = fluid_star();
  both.platform = "x.xml";
  EXPECT_NE(infeasible(both, 3), std::nullopt);
  EXPECT_NE(error_of(both, 3, {}).find("network: give either platform or"), std::string::npos);
}

TEST(SimgridNetwork, NamesABadPlatformFile) {
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "bad.xml").string();
  const std::string place = "network.platform: " + file + ": ";
  EXPECT_EQ(error_of({.platform = file}, 2, {}).find(place), 0U) << "no file";
  std::ofstream(file) << platform_head() << "<zone id='all' routing='Full'></platform>";
  EXPECT_EQ(error_of({.platform = file}, 2, {}).find(place), 0U) << "zone not closed";
  std::ofstream(file) << platform_head() << "</platform>";
  EXPECT_EQ(error_of({.platform = file}, 2, {}), place + "0 hosts for 2 peers");
  write_platform(file, std::vector<HostLinks>(3), false);
  EXPECT_EQ(error_of({.platform = file}, 4, {}), place + "3 hosts for 4 peers");
  EXPECT_EQ(error_of({.platform = file}, 3, {}), "");
}

}  // namespace
}  // namespace hearsay

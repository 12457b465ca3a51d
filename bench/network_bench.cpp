/// What networks cost: the shared one with 1,000 peers that exchange 8 messages each in 10
/// rounds (80,000 flows), which must take less than a second of CPU time each way, and the
/// queues per message. With a backbone, which ties all flows together, 100 peers are enough;
/// their time is not bounded.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "node/base/rng.hpp"
#include "node/base/stopwatch.hpp"
#include "node/world/networks.hpp"
#include "topologies/random_regular.hpp"

namespace hearsay {
namespace {

constexpr double kBoundSeconds = 1.0;

/// Rounds in which every peer of a random 8-regular graph sends to its neighbors at once;
/// the next begins when all has arrived.
class Rounds {
 public:
  Rounds(int num_peers, int rounds, bool equal_sizes)
      : graph_(make_graph(RandomRegularOptions{.degree = 8}, num_peers, Rng(3))),
        rounds_(rounds),
        equal_sizes_(equal_sizes) {}

  /// CPU seconds.
  double run(const SharedOptions& options) const {
    const auto network = make_network(options, graph_.num_peers(), Rng(1));
    Rng sizes(7);
    const CpuStopwatch watch;
    SimTime now{};
    std::uint64_t sequence = 0;
    std::vector<Arrival> arrivals;
    for (int round = 0; round < rounds_; ++round) {
      for (PeerId from = 0; from < graph_.num_peers(); ++from) {
        for (const PeerId to : graph_.neighbors(from)) {
          const std::int64_t bytes =
              equal_sizes_ ? 1'000'000
                           : 200'000 + static_cast<std::int64_t>(sizes.below(1'600'000));
          network->send({from, to, ++sequence, bytes}, now, arrivals);
        }
      }
      while (true) {
        arrivals.clear();
        const SimTime time = network->advance(SimTime::max(), arrivals);
        if (time == SimTime::max()) break;
        now = time;
      }
    }
    return watch.seconds();
  }

 private:
  Graph graph_;
  int rounds_;
  bool equal_sizes_;
};

/// CPU nanoseconds that a send() and a receive() take together.
double queue_nanoseconds(const LinksOptions& options) {
  constexpr PeerId kPeers = 1000;
  constexpr int kMessages = 8'000'000;
  const auto network = make_network(options, kPeers, Rng(1));
  std::vector<Arrival> arrivals;
  const CpuStopwatch watch;
  for (int i = 0; i < kMessages; ++i) {
    const PeerId from = i % kPeers;
    arrivals.clear();
    network->send({from, (from + 1 + i % 7) % kPeers, 1, 1000}, {i * std::int64_t{1000}}, arrivals);
    for (const Arrival& arrival : arrivals) {
      network->receive(arrival.transfer.to, 1000, arrival.time);
    }
  }
  return watch.seconds() / kMessages * 1e9;
}

/// Prints a line; false if the bound is passed.
bool report(const char* what, double seconds) {
  const bool ok = seconds < kBoundSeconds;
  std::printf("shared  %-34s %8.3f s%s\n", what, seconds, ok ? "" : "  ABOVE THE BOUND OF 1 s");
  return ok;
}

int run() {
  SharedOptions equal{.links = {.up = {1e7}, .down = {2e7}}};
  SharedOptions spread = equal;
  spread.links.bandwidth_sigma = 0.5;
  SharedOptions apart = spread;
  apart.passage.geometric = GeometricOptions{};
  SharedOptions by_rtt = apart;
  by_rtt.sharing = Sharing::kRtt;
  SharedOptions backbone = spread;
  backbone.backbone = {3e8};

  const Rounds alike(1000, 10, true);
  const Rounds mixed(1000, 10, false);
  bool ok = report("equal sizes and bandwidths", alike.run(equal));
  ok = report("all different", mixed.run(spread)) && ok;
  ok = report("all different, latencies too", mixed.run(apart)) && ok;
  ok = report("the same, shares by latency", mixed.run(by_rtt)) && ok;
  std::printf("shared  %-34s %8.3f s\n", "100 peers on a backbone (8,000)",
              Rounds(100, 10, false).run(backbone));

  LinksOptions limited{.links = {.up = {1e8}, .down = {1e8}}};
  LinksOptions lossy = limited;
  lossy.passage.loss = {0.05};
  LinksOptions chancy = lossy;
  chancy.passage.retransmit = true;
  chancy.passage.jitter = {5'000'000};
  std::printf("links   %-34s %8.1f ns a message\n", "latency only", queue_nanoseconds({}));
  std::printf("links   %-34s %8.1f ns a message\n", "queues", queue_nanoseconds(limited));
  std::printf("links   %-34s %8.1f ns a message\n", "queues, loss", queue_nanoseconds(lossy));
  std::printf("links   %-34s %8.1f ns a message\n", "queues, retransmission, jitter",
              queue_nanoseconds(chancy));
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace hearsay

int main() { return hearsay::run(); }

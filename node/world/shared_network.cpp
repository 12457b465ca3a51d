#include "node/world/shared_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <tuple>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/world/flow_links.hpp"
#include "node/world/passage.hpp"

namespace hearsay {
namespace {

constexpr double kLv08LatencyFactor = 13.01;
constexpr double kLv08BandwidthFactor = 0.97 / 1.05;
constexpr double kLv08Segment = 20537.0;  ///< Bytes that a link adds to a flow's round trip.

/// A message between send() and advance().
struct Flow {
  Transfer transfer;
  Chance chance;
  std::int32_t attempt = 0;  ///< How often it was sent before.
  SimTime start{};           ///< When its part under way reached the links.
  std::int64_t part = 0;     ///< Bytes of that part.
  std::int64_t rest = 0;     ///< Bytes that have not crossed the links.
  std::int64_t window = 0;   ///< Segments in a part; 0: all that is left is one.
  std::int64_t found = 0;    ///< The window with which it began.
  TcpPath tcp{};

  void persist(Archive& archive) {
    archive(transfer.from, transfer.to, transfer.sequence, transfer.bytes, chance, attempt, start,
            part, rest, window, found, tcp.round_trip, tcp.segment_time);
  }
};

/// A flow that has yet to reach the links.
struct Upcoming {
  SimTime time;
  PeerId from = 0;
  std::uint64_t sequence = 0;
  std::int32_t flow = 0;

  friend bool operator>(const Upcoming& a, const Upcoming& b) {
    return std::tie(a.time, a.from, a.sequence) > std::tie(b.time, b.from, b.sequence);
  }
  void persist(Archive& archive) { archive(time, from, sequence, flow); }
};

/// Which links exist, by the numbers that FlowLinks gives them: those whose bandwidth is
/// limited.
class LinkTable {
 public:
  LinkTable(const SharedOptions& options, int num_peers, const Rng& rng) {
    const auto factors = bandwidth_factors(options.links.bandwidth_sigma, num_peers, rng);
    up_ = add(options.links.up, factors);
    down_ = add(options.links.down, factors);
    backbone_ = add(options.backbone, {1.0});
  }

  const std::vector<double>& bandwidths() const { return bandwidths_; }

  FlowLinks::Path path(const Transfer& transfer) const {
    const auto none = static_cast<std::int32_t>(bandwidths_.size());
    return {up_ < 0 ? none : up_ + transfer.from, down_ < 0 ? none : down_ + transfer.to,
            backbone_ < 0 ? none : backbone_};
  }

 private:
  std::int32_t add(Bandwidth bandwidth, const std::vector<double>& factors) {
    if (bandwidth.is_unlimited()) return -1;
    const auto first = static_cast<std::int32_t>(bandwidths_.size());
    for (const double factor : factors) {
      bandwidths_.push_back(bandwidth.bytes_per_second * factor);
    }
    return first;
  }

  std::vector<double> bandwidths_;
  std::int32_t up_;  ///< The first one's number, -1 if there is none.
  std::int32_t down_;
  std::int32_t backbone_;
};

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

class SharedNetwork final : public NetworkModel {
 public:
  SharedNetwork(const SharedOptions& options, int num_peers, const Rng& rng)
      : options_(options),
        passage_(options.passage, num_peers, rng),
        table_(options, num_peers, rng),
        links_(scaled(table_.bandwidths(), bandwidth_factor())) {
    if (options.sharing == Sharing::kRtt && passage_.latencies().least() <= SimTime{}) {
      throw UserError("network: sharing rtt needs latencies above 0");
    }
  }

  Fate send(const Transfer& transfer, SimTime now, std::vector<Arrival>&) override {
    const Chance chance = passage_.is_random() ? passage_.draw(transfer.from) : Chance{};
    if (free_.empty()) {
      free_.push_back(static_cast<std::int32_t>(flows_.size()));
      flows_.emplace_back();
    }
    const std::int32_t number = free_.back();
    free_.pop_back();
    flow(number) = {.transfer = transfer, .chance = chance};
    depart(number, now);
    return chance.is_lost ? Fate::kLost : Fate::kUnderway;
  }

  SimTime receive(PeerId, std::int64_t, SimTime last) override { return last; }

  SimTime advance(SimTime limit, std::vector<Arrival>& arrivals) override {
    while (done_.empty()) {
      const SimTime first = upcoming_.empty() ? SimTime::max() : upcoming_.front().time;
      const SimTime next = std::min(first, links_.next_end());
      if (next > limit || next == SimTime::max()) return SimTime::max();
      now_ = next;
      end_flows();
      start_flows();
    }
    std::ranges::sort(done_, {}, [&](std::int32_t number) {
      return std::tuple(flow(number).transfer.from, flow(number).transfer.sequence);
    });
    for (const std::int32_t number : done_) {
      passage_.deliver(flow(number).transfer, flow(number).chance, now_, now_, arrivals);
      free_.push_back(number);
    }
    done_.clear();
    return now_;
  }

  SimTime least_latency() const override { return {}; }

  NetworkUse use() const override {
    NetworkUse use;
    use.busiest = links_.busiest();
    use.longest_wait = longest_wait_;
    passage_.add_use(use);
    return use;
  }

  void persist(Archive& archive) override {
    archive.mark("shared");
    archive(passage_, links_, flows_, free_, upcoming_, now_, longest_wait_);
    const auto is_flow = [&](std::int32_t number) {
      return number >= 0 && static_cast<std::size_t>(number) < flows_.size();
    };
    if (!std::ranges::all_of(free_, is_flow) ||
        !std::ranges::all_of(upcoming_, is_flow, &Upcoming::flow)) {
      archive.mismatch("a message that is not there");
    }
  }

 private:
  Flow& flow(std::int32_t number) { return flows_[static_cast<std::size_t>(number)]; }

  bool is_lv08() const { return options_.model == FlowModel::kLv08; }
  double bandwidth_factor() const { return is_lv08() ? kLv08BandwidthFactor : 1.0; }

  SimTime latency(const Transfer& transfer) const {
    const SimTime latency = passage_.latencies().between(transfer.from, transfer.to);
    if (!is_lv08()) return latency;
    const double factored = static_cast<double>(latency.nanoseconds) * kLv08LatencyFactor;
    return SimTime::from_nanoseconds(std::ceil(factored));
  }

  double weight(const Transfer& transfer, const FlowLinks::Path& path) const {
    if (options_.sharing == Sharing::kEqual) return 1.0;
    double penalty = passage_.latencies().between(transfer.from, transfer.to).seconds();
    if (is_lv08()) {
      for (const std::int32_t link : path) {
        if (link != links_.none()) penalty += kLv08Segment / bandwidth(link);
      }
    }
    return 1.0 / penalty;
  }

  double bandwidth(std::int32_t link) const {
    return table_.bandwidths()[static_cast<std::size_t>(link)];
  }

  double rate(const FlowLinks::Path& path) const {
    double rate = std::numeric_limits<double>::infinity();
    for (const std::int32_t link : path) {
      if (link != links_.none()) rate = std::min(rate, bandwidth(link));
    }
    return rate;
  }

  /// How long a message takes to cross these links alone.
  SimTime time_alone(std::int64_t bytes, const FlowLinks::Path& path) const {
    double seconds = 0.0;
    for (const std::int32_t link : path) {
      if (link == links_.none()) continue;
      const double rate = bandwidth(link) * bandwidth_factor();
      seconds = std::max(seconds, static_cast<double>(bytes) / rate);
    }
    return SimTime::from_nanoseconds(std::ceil(seconds * 1e9));
  }

  /// Lets a message pay its latency.
  void depart(std::int32_t number, SimTime now) {
    Flow& departing = flow(number);
    const Transfer& transfer = departing.transfer;
    departing.rest = passage_.wire_bytes(transfer.bytes);
    if (passage_.tcp() != nullptr) {
      departing.tcp = passage_.tcp_path(transfer, rate(table_.path(transfer)));
      departing.found = passage_.tcp()->open(transfer, now, departing.tcp);
      departing.window = departing.found;
    }
    start_at(number, add_saturating(now, latency(transfer)));
  }

  void start_at(std::int32_t number, SimTime time) {
    const Transfer& transfer = flow(number).transfer;
    upcoming_.push_back({time, transfer.from, transfer.sequence, number});
    std::ranges::push_heap(upcoming_, std::greater<>());
  }

  void start_flows() {
    while (!upcoming_.empty() && upcoming_.front().time == now_) {
      std::ranges::pop_heap(upcoming_, std::greater<>());
      const std::int32_t number = upcoming_.back().flow;
      upcoming_.pop_back();
      Flow& starting = flow(number);
      const Transfer& transfer = starting.transfer;
      starting.start = now_;
      starting.part = starting.rest;
      if (starting.window > 0) {
        starting.part = std::min(starting.rest, passage_.tcp()->wire_window(starting.window));
      }
      const FlowLinks::Path path = table_.path(transfer);
      const bool is_free =
          std::ranges::all_of(path, [&](std::int32_t link) { return link == links_.none(); });
      if (is_free || starting.part == 0) {
        end_part(number);
      } else {
        links_.start(number, static_cast<double>(starting.part), weight(transfer, path), path,
                     now_);
      }
    }
  }

  void end_flows() {
    if (links_.next_end() != now_) return;
    ended_.clear();
    links_.finish(now_, ended_);
    for (const std::int32_t number : ended_) {
      const Flow& ended = flow(number);
      const SimTime alone = time_alone(ended.part, table_.path(ended.transfer));
      longest_wait_ = std::max(longest_wait_, now_ - ended.start - alone);
      end_part(number);
    }
  }

  /// A window has crossed the links, and maybe all of its message. The next one follows the first
  /// acknowledgement; where that was back before, the link is full.
  void end_part(std::int32_t number) {
    Flow& ended = flow(number);
    ended.rest -= ended.part;
    if (ended.rest == 0) {
      end(number);
      return;
    }
    const SimTime acknowledged = ended.start + ended.tcp.round_trip + ended.tcp.segment_time;
    ended.window = acknowledged > now_ ? 2 * ended.window : 0;
    start_at(number, std::max(now_, acknowledged));
  }

  /// A message has crossed the links: it is there, or lost, or sent again.
  void end(std::int32_t number) {
    Flow& ended = flow(number);
    if (passage_.tcp() != nullptr) {
      const SimTime left = now_ - latency(ended.transfer);
      passage_.tcp()->close(ended.transfer, ended.found, ended.tcp, left);
    }
    if (ended.chance.losses > 0) {
      --ended.chance.losses;
      depart(number, add_saturating(now_, passage_.timeout(ended.attempt++)));
    } else if (ended.chance.is_lost) {
      free_.push_back(number);
    } else {
      done_.push_back(number);
    }
  }

  SharedOptions options_;
  Passage passage_;
  LinkTable table_;
  FlowLinks links_;
  std::vector<Flow> flows_;          ///< By number.
  std::vector<std::int32_t> free_;   ///< Numbers not in use.
  std::vector<Upcoming> upcoming_;   ///< A heap, the earliest first.
  std::vector<std::int32_t> done_;   ///< Across the links at now_; empty between calls.
  std::vector<std::int32_t> ended_;  ///< Scratch of end_flows().
  SimTime now_{};
  SimTime longest_wait_{};
};

}  // namespace

std::optional<std::string> infeasible(const SharedOptions& options, int) {
  const PassageOptions& passage = options.passage;
  if (auto wrong = infeasible(options.links)) return wrong;
  if (options.model == FlowModel::kLv08 && passage.tcp) {
    return "give either model lv08 or tcp, not both: each says what TCP adds";
  }
  const bool is_constant = passage.latency_matrix.empty() && !passage.geometric;
  if (options.sharing == Sharing::kRtt && is_constant && passage.latency <= SimTime{}) {
    return "sharing rtt needs a latency above 0";
  }
  return infeasible(passage);
}

std::unique_ptr<NetworkModel> make_network(const SharedOptions& options, int num_peers,
                                           const Rng& rng) {
  if (const auto wrong = infeasible(options, num_peers)) throw UserError("network: " + *wrong);
  return std::make_unique<SharedNetwork>(options, num_peers, rng);
}

}  // namespace hearsay

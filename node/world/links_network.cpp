#include "node/world/links_network.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/error.hpp"
#include "node/base/quantity.hpp"
#include "node/world/passage.hpp"

namespace hearsay {
namespace {

SimTime transmission(std::int64_t bytes, double bytes_per_second) {
  const double nanoseconds = static_cast<double>(bytes) / bytes_per_second * 1e9;
  return SimTime::from_nanoseconds(nanoseconds + 0.5);
}

/// A queue; aligned so that it lies in one cache line.
struct alignas(32) Link {
  double bytes_per_second;
  SimTime free{};  ///< When it has transmitted all that was queued.
  SimTime busy{};
  SimTime longest_wait{};

  void persist(Archive& archive) { archive(free, busy, longest_wait); }
};

/// When a lost message will be sent again.
struct Reservation {
  SimTime begin;
  SimTime end;

  void persist(Archive& archive) { archive(begin, end); }
};

std::vector<Link> make_links(Bandwidth bandwidth, const std::vector<double>& factors) {
  std::vector<Link> links;
  if (bandwidth.is_unlimited()) return links;
  links.reserve(factors.size());
  for (const double factor : factors) links.push_back({bandwidth.bytes_per_second * factor});
  return links;
}

class LinksNetwork final : public NetworkModel {
 public:
  LinksNetwork(const LinksOptions& options, int num_peers, const Rng& rng)
      : options_(options), passage_(options.passage, num_peers, rng) {
    const auto factors = bandwidth_factors(options.links.bandwidth_sigma, num_peers, rng);
    up_ = make_links(options.links.up, factors);
    down_ = make_links(options.links.down, factors);
    const bool resends = options.passage.retransmit && options.passage.loss.value > 0.0;
    if (resends) reserved_.resize(up_.size());
  }

  Fate send(const Transfer& transfer, SimTime now, std::vector<Arrival>& arrivals) override {
    const SimTime latency = passage_.latencies().between(transfer.from, transfer.to);
    Transfer wire = transfer;
    wire.bytes = passage_.wire_bytes(transfer.bytes);
    SimTime left = transmit(wire, now);
    if (passage_.tcp() != nullptr) left = open_window(transfer, now, left);
    if (!passage_.is_random() && passage_.tcp() == nullptr) {
      const SimTime time = add_saturating(left, latency);
      if (time == SimTime::max()) return Fate::kLost;
      arrivals.push_back({transfer, left, time});
      return Fate::kArrives;
    }
    const Chance chance = passage_.draw(transfer.from);
    if (chance.is_lost) return Fate::kLost;
    for (std::int32_t attempt = 0; attempt < chance.losses; ++attempt) {
      left = transmit_later(wire, add_saturating(left, passage_.timeout(attempt)));
    }
    const std::size_t before = arrivals.size();
    passage_.deliver(transfer, chance, left, add_saturating(left, latency), arrivals);
    return arrivals.size() > before ? Fate::kArrives : Fate::kLost;
  }

  SimTime receive(PeerId to, std::int64_t bytes, SimTime last) override {
    if (down_.empty()) return last;
    bytes = passage_.wire_bytes(bytes);
    Link& link = down_[static_cast<std::size_t>(to)];
    const SimTime first = options_.links.up.is_unlimited()
                              ? last
                              : last - transmission(bytes, options_.links.up.bytes_per_second);
    const SimTime work = transmission(bytes, link.bytes_per_second);
    const SimTime alone = std::max(last, add_saturating(first, work));
    link.free = std::max(last, add_saturating(std::max(link.free, first), work));
    if (link.free == SimTime::max()) return link.free;
    link.busy = link.busy + work;
    link.longest_wait = std::max(link.longest_wait, link.free - alone);
    return link.free;
  }

  SimTime least_latency() const override { return passage_.latencies().least(); }

  NetworkUse use() const override {
    NetworkUse use;
    for (const auto* links : {&up_, &down_}) {
      for (const Link& link : *links) {
        use.busiest = std::max(use.busiest, link.busy);
        use.longest_wait = std::max(use.longest_wait, link.longest_wait);
      }
    }
    passage_.add_use(use);
    return use;
  }

  void persist(Archive& archive) override {
    archive.mark("links");
    for (auto* links : {&up_, &down_}) {
      for (Link& link : *links) archive(link);
    }
    for (auto& reserved : reserved_) archive(reserved);
    archive(passage_);
  }

 private:
  double rate(const std::vector<Link>& links, PeerId peer) const {
    return links.empty() ? std::numeric_limits<double>::infinity()
                         : links[static_cast<std::size_t>(peer)].bytes_per_second;
  }

  /// Puts off the last byte of a message, which the uplink alone would let leave at `left`, by
  /// what its connection's window makes it wait.
  SimTime open_window(const Transfer& transfer, SimTime now, SimTime left) {
    TcpWindows& tcp = *passage_.tcp();
    const TcpPath path =
        passage_.tcp_path(transfer, std::min(rate(up_, transfer.from), rate(down_, transfer.to)));
    const std::int64_t window = tcp.open(transfer, now, path);
    left = add_saturating(left, slow_start_delay(tcp.segments(transfer.bytes), window, path));
    tcp.close(transfer, window, path, left);
    return left;
  }

  /// Queues a message on its sender's uplink. Returns when its last byte leaves, here and
  /// below SimTime::max() for never. Use counts what is done some time.
  SimTime transmit(const Transfer& transfer, SimTime now) {
    if (up_.empty()) return now;
    const auto sender = static_cast<std::size_t>(transfer.from);
    Link& link = up_[sender];
    const SimTime work = transmission(transfer.bytes, link.bytes_per_second);
    const SimTime begin = std::max(now, link.free);
    link.free = add_saturating(begin, work);
    if (!reserved_.empty()) give_way(reserved_[sender], begin, link.free);
    if (link.free == SimTime::max()) return link.free;
    link.busy = link.busy + work;
    link.longest_wait = std::max(link.longest_wait, link.free - now - work);
    return link.free;
  }

  /// Puts off what would be transmitted in [begin, end) for reservations that come first,
  /// and drops them: nothing is transmitted before them any more.
  static void give_way(std::vector<Reservation>& reserved, SimTime begin, SimTime& end) {
    auto next = reserved.begin();
    for (; next != reserved.end() && next->begin < end; ++next) {
      const SimTime put_off = next->end - std::max(begin, next->begin);
      end = add_saturating(end, std::max(SimTime{}, put_off));
    }
    reserved.erase(reserved.begin(), next);
  }

  /// Sends a message again as soon after `time` as no other message is sent again.
  /// Returns when its last byte leaves.
  SimTime transmit_later(const Transfer& transfer, SimTime time) {
    if (up_.empty()) return time;
    const auto sender = static_cast<std::size_t>(transfer.from);
    std::vector<Reservation>& reserved = reserved_[sender];
    const SimTime work = transmission(transfer.bytes, up_[sender].bytes_per_second);
    auto next = reserved.begin();
    for (; next != reserved.end() && next->begin < add_saturating(time, work); ++next) {
      time = std::max(time, next->end);
    }
    const SimTime end = add_saturating(time, work);
    reserved.insert(next, {time, end});
    if (end != SimTime::max()) up_[sender].busy = up_[sender].busy + work;
    return end;
  }

  LinksOptions options_;
  Passage passage_;
  std::vector<Link> up_;                            ///< Per peer; empty if unlimited.
  std::vector<Link> down_;                          ///< Per peer; empty if unlimited.
  std::vector<std::vector<Reservation>> reserved_;  ///< Per uplink, ascending and disjoint, none
                                                    ///< before it is free; empty if never needed.
};

}  // namespace

std::optional<std::string> infeasible(const LinksOptions& options, int) {
  if (auto wrong = infeasible(options.links)) return wrong;
  return infeasible(options.passage);
}

std::unique_ptr<NetworkModel> make_network(const LinksOptions& options, int num_peers,
                                           const Rng& rng) {
  if (const auto wrong = infeasible(options, num_peers)) throw UserError("network: " + *wrong);
  return std::make_unique<LinksNetwork>(options, num_peers, rng);
}

}  // namespace hearsay

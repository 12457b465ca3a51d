#include "node/world/links_network.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/error.hpp"
#include "node/world/passage.hpp"

namespace hearsay {
namespace {

SimTime transmission(std::int64_t bytes, double bytes_per_second) {
  const double nanoseconds = static_cast<double>(bytes) / bytes_per_second * 1e9;
  return {static_cast<std::int64_t>(nanoseconds + 0.5)};
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
    const auto factors = bandwidth_factors(options.bandwidth_sigma, num_peers, rng);
    up_ = make_links(options.up, factors);
    down_ = make_links(options.down, factors);
    const bool resends = options.passage.retransmit && options.passage.loss.value > 0.0;
    if (resends) reserved_.resize(up_.size());
  }

  Fate send(const Transfer& transfer, SimTime now, std::vector<Arrival>& arrivals) override {
    const SimTime latency = passage_.latencies().between(transfer.from, transfer.to);
    SimTime left = transmit(transfer, now);
    if (!passage_.is_random()) {
      arrivals.push_back({transfer, left, left + latency});
      return Fate::kArrives;
    }
    const Chance chance = passage_.draw(transfer.from);
    if (chance.is_lost) return Fate::kLost;
    for (std::int32_t attempt = 0; attempt < chance.losses; ++attempt) {
      left = transmit_later(transfer, left + passage_.timeout(attempt));
    }
    passage_.deliver(transfer, chance, left, left + latency, arrivals);
    return Fate::kArrives;
  }

  SimTime receive(PeerId to, std::int64_t bytes, SimTime last) override {
    if (down_.empty()) return last;
    Link& link = down_[static_cast<std::size_t>(to)];
    const SimTime first = options_.up.is_unlimited()
                              ? last
                              : last - transmission(bytes, options_.up.bytes_per_second);
    const SimTime work = transmission(bytes, link.bytes_per_second);
    const SimTime alone = std::max(last, first + work);
    link.free = std::max(last, std::max(link.free, first) + work);
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
  /// Queues a message on its sender's uplink. Returns when its last byte leaves.
  SimTime transmit(const Transfer& transfer, SimTime now) {
    if (up_.empty()) return now;
    const auto sender = static_cast<std::size_t>(transfer.from);
    Link& link = up_[sender];
    const SimTime work = transmission(transfer.bytes, link.bytes_per_second);
    link.free = std::max(now, link.free) + work;
    if (!reserved_.empty()) give_way(reserved_[sender], link.free - work, link.free);
    link.busy = link.busy + work;
    link.longest_wait = std::max(link.longest_wait, link.free - now - work);
    return link.free;
  }

  /// Puts off what would be transmitted in [begin, end) for reservations that come first,
  /// and drops them: nothing is transmitted before them any more.
  static void give_way(std::vector<Reservation>& reserved, SimTime begin, SimTime& end) {
    auto next = reserved.begin();
    for (; next != reserved.end() && next->begin < end; ++next) {
      end = end + std::max(SimTime{}, next->end - std::max(begin, next->begin));
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
    for (; next != reserved.end() && next->begin < time + work; ++next) {
      time = std::max(time, next->end);
    }
    reserved.insert(next, {time, time + work});
    up_[sender].busy = up_[sender].busy + work;
    return time + work;
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
  if (options.bandwidth_sigma > 0.0 && options.up.is_unlimited() && options.down.is_unlimited()) {
    return "bandwidth_sigma needs a limited up or down";
  }
  return infeasible(options.passage);
}

std::unique_ptr<NetworkModel> make_network(const LinksOptions& options, int num_peers,
                                           const Rng& rng) {
  if (const auto wrong = infeasible(options, num_peers)) throw UserError("network: " + *wrong);
  return std::make_unique<LinksNetwork>(options, num_peers, rng);
}

}  // namespace hearsay

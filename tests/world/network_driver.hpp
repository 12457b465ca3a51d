#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"
#include "node/world/network_model.hpp"

namespace hearsay {

inline SimTime ms(double value) { return SimTime::from_seconds(value * 1e-3); }

/// A message to be sent.
struct Sending {
  PeerId from = 0;
  PeerId to = 0;
  std::int64_t bytes = 0;
  SimTime time{};
};

/// A message that was received.
struct Received {
  PeerId from = 0;
  PeerId to = 0;
  std::uint64_t sequence = 0;
  SimTime left{};
  SimTime arrived{};
  SimTime received{};

  friend bool operator==(const Received&, const Received&) = default;
};

/// Calls a network as an event loop does: sendings in order of time, receptions in order
/// of arrival. A value but for the network: it can go on with another.
class NetworkDriver {
 public:
  explicit NetworkDriver(std::vector<Sending> sendings) : sendings_(std::move(sendings)) {
    std::ranges::stable_sort(sendings_, {}, &Sending::time);
  }

  /// Does the next thing that happens; false if nothing is left.
  bool step(NetworkModel& network) {
    const SimTime send = next_ < sendings_.size() ? sendings_[next_].time : SimTime::max();
    const SimTime arrive = pending_.empty() ? SimTime::max() : std::get<0>(pending_.begin()->first);
    std::vector<Arrival> arrivals;
    if (network.advance(std::min(send, arrive), arrivals) != SimTime::max()) {
      take_over(arrivals);
      return true;
    }
    if (arrive != SimTime::max() && arrive <= send) {
      const Arrival arrival = pending_.begin()->second;
      pending_.erase(pending_.begin());
      const Transfer& transfer = arrival.transfer;
      received_.push_back({transfer.from, transfer.to, transfer.sequence, arrival.left,
                           arrival.time,
                           network.receive(transfer.to, transfer.bytes, arrival.time)});
    } else if (send != SimTime::max()) {
      const Sending& sending = sendings_[next_++];
      fates_.push_back(network.send(
          {sending.from, sending.to, ++sequences_[sending.from], sending.bytes}, send, arrivals));
    } else {
      return false;
    }
    take_over(arrivals);
    return true;
  }

  /// By time of arrival.
  const std::vector<Received>& run(NetworkModel& network) {
    while (step(network)) {
    }
    return received_;
  }

  const std::vector<Sending>& sendings() const { return sendings_; }
  const std::vector<Fate>& fates() const { return fates_; }  ///< One per sending.

 private:
  void take_over(const std::vector<Arrival>& arrivals) {
    for (const Arrival& arrival : arrivals) {
      pending_.insert({{arrival.time, arrival.transfer.from, arrival.transfer.sequence}, arrival});
    }
  }

  std::vector<Sending> sendings_;
  std::size_t next_ = 0;
  std::map<PeerId, std::uint64_t> sequences_;
  std::multimap<std::tuple<SimTime, PeerId, std::uint64_t>, Arrival> pending_;
  std::vector<Received> received_;
  std::vector<Fate> fates_;
};

/// The time of reception of each message, by sender and sequence.
inline std::vector<SimTime> received_times(std::vector<Received> receptions) {
  std::ranges::sort(receptions, {},
                    [](const Received& r) { return std::pair(r.from, r.sequence); });
  std::vector<SimTime> times;
  for (const Received& reception : receptions) times.push_back(reception.received);
  return times;
}

}  // namespace hearsay

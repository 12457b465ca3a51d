#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// Every peer has an uplink and a downlink; every pair of peers the same latency.
struct LinksOptions {
  static constexpr std::string_view kKind = "links";
  static constexpr std::string_view kSummary = "Latency, and a queue on every up- and downlink.";

  SimTime latency{20'000'000};
  Bandwidth up{};
  Bandwidth down{};
  Fraction loss{};

  friend bool operator==(const LinksOptions&, const LinksOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, LinksOptions& options) {
  visit("latency", options.latency, at_least(0), "time from sender to receiver of a first byte");
  visit("up", options.up, at_least(1), "uplink of every peer");
  visit("down", options.down, at_least(1), "downlink of every peer");
  visit("loss", options.loss, from_below(0, 1), "share of messages lost on the way");
}

using NetworkOptions = std::variant<LinksOptions>;

/// When a message that is sent now will have been received.
///
/// Links are queues. The uplink of the sender transmits messages one after another,
/// b / up seconds each; the first byte reaches the receiver's downlink `latency` after
/// it left. Reception overlaps with transmission (cut-through): the downlink serves
/// messages in the order of their last byte's arrival, each takes b / down seconds of
/// it and is done no earlier than its last byte has arrived:
///   done = max(last, max(free, first) + b / down).
/// Holds queue state. Calls for different peers may come from different threads: send()
/// changes only the sender's state, receive() only the receiver's.
class NetworkModel {
 public:
  NetworkModel(const NetworkOptions& options, int num_peers, const Rng& rng);

  /// Queues `bytes` on the sender's uplink at `now`. Returns when its last byte reaches
  /// the receiver's downlink; nothing if the message is lost on the way (its uplink
  /// time is spent all the same).
  std::optional<SimTime> send(PeerId from, std::int64_t bytes, SimTime now);

  /// Queues on the receiver's downlink the message whose last byte arrives at `last`;
  /// call in event order. Returns when it is done, >= last.
  SimTime receive(PeerId to, std::int64_t bytes, SimTime last);

  /// No message arrives sooner than this after it was sent.
  SimTime least_latency() const { return options_.latency; }

 private:
  LinksOptions options_;
  std::vector<SimTime> up_free_;
  std::vector<SimTime> down_free_;
  std::vector<Rng> loss_;  ///< One stream per sender; empty without loss.
};

}  // namespace hearsay

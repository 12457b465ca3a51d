#pragma once

#include <compare>
#include <cstdint>
#include <tuple>

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// What happens to a peer. At one instant events happen in this order.
enum class EventKind : std::uint8_t {
  kChange,      ///< A fault: the peer crashes, restarts, leaves, joins, freezes or thaws.
  kStart,       ///< The peer starts with its initial model.
  kTrained,     ///< Its local training is done.
  kAggregated,  ///< Its aggregation is done.
  kArrived,     ///< A message's last byte reaches its downlink.
  kDelivered,   ///< A message that had to queue there has been received.
  kTimer,       ///< A timer goes off.
  kAttack,      ///< An attacker sends what it was to send now, knowing what others have sent.
};

/// One event of the simulation, ordered by (time, kind, receiver, sender, the sender's
/// sequence): a total order that no thread and no container influences.
struct Event {
  SimTime time;
  std::uint64_t sequence = 0;  ///< Counts the sender's messages; names its timers, changes.
  PeerId receiver = 0;
  PeerId sender = 0;
  std::uint32_t ticket = 0;  ///< Where the message waits, or, of the peer's own events, in
                             ///< which of its lives they began; not part of the order.
  EventKind kind = EventKind::kStart;

  friend bool operator<(const Event& a, const Event& b) {
    if (a.time != b.time) return a.time < b.time;
    return std::tie(a.kind, a.receiver, a.sender, a.sequence) <
           std::tie(b.kind, b.receiver, b.sender, b.sequence);
  }
};

/// Whether the event brings a message; else it is the receiver's own.
constexpr bool is_message(EventKind kind) {
  return kind == EventKind::kArrived || kind == EventKind::kDelivered;
}

}  // namespace hearsay

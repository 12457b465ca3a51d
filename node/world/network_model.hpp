#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"

namespace hearsay {

class Archive;

/// A message that the network carries.
struct Transfer {
  PeerId from = 0;
  PeerId to = 0;
  std::uint64_t sequence = 0;  ///< Counts the sender's messages, from 1.
  std::int64_t bytes = 0;
};

/// A copy of a message that reaches its receiver's downlink.
struct Arrival {
  Transfer transfer;
  SimTime left;  ///< When its last byte left the sender's uplink.
  SimTime time;  ///< When its last byte arrives; >= left.
};

/// What becomes of a message that was just sent.
enum class Fate {
  kArrives,   ///< All its arrivals are known.
  kUnderway,  ///< Shares links with other messages: advance() tells when it has passed.
  kLost,      ///< Never arrives; what it took of the links is spent all the same.
};

/// What a network has gone through.
struct NetworkUse {
  std::int64_t retransmissions = 0;  ///< Messages sent again after a loss.
  std::int64_t duplicates = 0;       ///< Second copies delivered.
  SimTime busiest;                   ///< Longest time that one up- or downlink was in use.
  SimTime longest_wait;              ///< Longest delay of a message by others on its links.
};

/// When messages arrive. Deterministic: a function of the calls made. Models whose
/// least_latency() is positive may be called for different peers from different threads:
/// send() changes only what belongs to the sender, receive() only what belongs to the
/// receiver. All others are used by one thread.
class NetworkModel {
 public:
  virtual ~NetworkModel() = default;

  /// Hands over a message at `now`; calls are in order of time, per sender. Appends the
  /// arrivals that are known already: none, one, or two if the network duplicates it; none
  /// is at SimTime::max(): what never arrives is lost.
  virtual Fate send(const Transfer& transfer, SimTime now, std::vector<Arrival>& arrivals) = 0;

  /// Takes up the receiver's downlink for a message whose last byte arrived at `last`;
  /// call in order of events. Returns when the message is received, >= last;
  /// SimTime::max() for never.
  virtual SimTime receive(PeerId to, std::int64_t bytes, SimTime last) = 0;

  /// Advances to the next moment, no later than `limit`, at which messages have passed the
  /// shared links; appends them, ordered by (from, sequence), with arrivals then or later,
  /// and returns the moment. SimTime::max() if there is none until `limit`; the clock may
  /// then stand at `limit`: neither send() nor advance() is called with an earlier time.
  virtual SimTime advance(SimTime limit, std::vector<Arrival>& arrivals);

  /// No message arrives sooner than this after it was sent. Zero forbids parallel use.
  virtual SimTime least_latency() const = 0;

  virtual NetworkUse use() const = 0;

  /// Saves or restores all that later calls depend on. REQUIRES: a network that can be
  /// saved (networks.hpp).
  virtual void persist(Archive& archive) = 0;
};

}  // namespace hearsay

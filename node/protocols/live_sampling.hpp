#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/peer_id.hpp"

namespace hearsay {

/// A ping that a LiveSampling asks for: to be sent now, with two timers.
struct PingRequest {
  PeerId peer = 0;
  std::uint64_t id = 0;  ///< Never twice from one LiveSampling.

  void persist(Archive& archive) { archive(peer, id); }
};

/// MoDeST's sample(k, want): finds the first `want` peers of an order that are there, by
/// asking them. An asynchronous state machine: the owner sends the pings that it asks for,
/// and tells it of pongs and of pings that timed out.
///   ping the first `want` of the order at once; for each timeout ping the next in order;
///   done as soon as `want` are alive, or when all have been asked and have answered or
///   timed out (then fewer). The peer itself counts as alive without a ping.
/// A pong that comes after its timeout is of no use any more.
class LiveSampling {
 public:
  explicit LiveSampling(PeerId self) : self_(self) {}

  /// Forgets what went on and begins anew. REQUIRES: want >= 1; the order's peers are
  /// distinct.
  void start(std::vector<PeerId> order, int want);

  /// Forgets what went on.
  void stop();

  /// True from start() until it is done or stopped.
  bool is_running() const { return want_ > 0; }

  /// The pings to be sent since the last call.
  std::vector<PingRequest> take_pings();

  /// A pong to ping `id` has come from `peer`. False, and nothing changes, unless it was
  /// awaited.
  bool on_pong(PeerId peer, std::uint64_t id);

  /// Ping `id` has timed out; nothing changes if it was not awaited.
  void on_timeout(std::uint64_t id);

  /// The peer asked by ping `id`, if it is still awaited.
  std::optional<PeerId> awaited_by(std::uint64_t id) const;

  /// Those who have been asked and neither answered nor timed out, ascending.
  std::vector<PeerId> awaited() const;

  /// Those found, in the order in which they answered, once the search is over; it stops
  /// then. Nothing while it goes on.
  std::optional<std::vector<PeerId>> take_result();

  void persist(Archive& archive);

 private:
  void ask_next();

  PeerId self_;
  int want_ = 0;                      ///< 0: not running.
  std::vector<PeerId> order_;         ///< Those not asked yet, last to first.
  std::vector<PingRequest> awaited_;  ///< Sent or to be sent.
  std::vector<PingRequest> to_send_;  ///< Empty between two calls of the owner.
  std::vector<PeerId> alive_;
  std::uint64_t last_id_ = 0;
};

}  // namespace hearsay

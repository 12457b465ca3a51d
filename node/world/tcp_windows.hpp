#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/describe.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"
#include "node/world/network_model.hpp"

namespace hearsay {

/// What TCP adds to the links: headers, and windows that have to open. The defaults are those
/// of Linux over Ethernet.
struct TcpOptions {
  int initial_window = 10;  ///< Segments; RFC 6928.
  int segment = 1448;       ///< Payload of a segment: 1500 - 20 (IP) - 32 (TCP, timestamps).
  int header = 66;          ///< What goes with it over the links: 14 (Ethernet) + 20 + 32.

  /// What acknowledgements take per segment: 66 bytes for every second one. They go the other
  /// way, but are charged to the links of the message, which is right where peers exchange
  /// models (LV08 in shared_network.hpp does the same).
  int acknowledgement = 33;

  /// Whether a window shrinks while nothing is sent.
  bool idle_restart = true;

  /// What a retransmission timeout adds to the round trip: Linux's TCP_RTO_MIN.
  SimTime least_timeout{200'000'000};

  friend bool operator==(const TcpOptions&, const TcpOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, TcpOptions& options) {
  visit("initial_window", options.initial_window, between(1, 1e6), "segments sent at first");
  visit("segment", options.segment, between(1, 65536), "bytes of a message per segment");
  visit("header", options.header, between(0, 65536), "bytes that a segment adds on the links");
  visit("acknowledgement", options.acknowledgement, between(0, 65536),
        "bytes of acknowledgements per segment");
  visit("idle_restart", options.idle_restart, "whether windows shrink while nothing is sent");
  visit("least_timeout", options.least_timeout, between(0, kLongestDelayS),
        "added to the round trip: idle time that halves a window");
}

/// The path of one connection, without other traffic.
struct TcpPath {
  SimTime round_trip;
  SimTime segment_time;  ///< Of one segment, with what it adds, on the tightest link; 0: none is.
};

/// The congestion windows of the connections between peers, one for each direction of each
/// pair in use; they stand from the start. As in Linux, without losses:
///
/// * Slow start: of a message of n segments, window after window leaves, w, 2w, 4w, ...; the
///   next one when the first acknowledgement of the one before is back,
///     RTT + S - w S                                                       (1)
///   after that one's end (S: segment time), unless that is negative: from then on the link is
///   full. With n_k segments left, the delays of the first k windows are what slow start adds.
/// * Growth: each acknowledged segment adds one, as long as the window is in use:
///     w <- min(w + n, 2 n).
///   HyStart stops that when the acknowledgements of a window take half a round trip to come
///   in: at w' + P/2, with w' the first of w, 2w, 4w, ... that is at least P/2, P = RTT / S.
/// * Restart: when nothing was sent for t > RTO = RTT + least_timeout, the window is halved
///   ceil(t / RTO) - 1 times, but not below the initial one.
///
/// Left out: losses, hence congestion avoidance (a full link stays full); receive windows;
/// handshakes; HyStart's other criterion, that round trips grow, which ends slow start early when
/// several connections fill one queue with windows of more than RTT / 8; and what else keeps a
/// connection from being idle: under the heartbeats of a deployment, which come more often than
/// RTO, windows do not shrink (idle_restart: false). Each message finds the window of the last one
/// that has left before.
///   Cardwell, Savage, Anderson. Modeling TCP Latency. INFOCOM 2000 (with gamma = 2 and without
///   losses); (1) is eq. 3.1 of Kurose, Ross, Computer Networking, with an initial window.
///   Ha, Rhee. Taming the Elephants: New TCP Slow Start. Computer Networks 55(9), 2011.
///   Handley, Padhye, Floyd. TCP Congestion Window Validation. RFC 2861, 2000.
class TcpWindows {
 public:
  TcpWindows(const TcpOptions& options, int num_peers);

  /// Segments of a message; what it takes on the links in all, and what a window takes.
  std::int64_t segments(std::int64_t bytes) const;
  std::int64_t wire_bytes(std::int64_t bytes) const;
  std::int64_t wire_window(std::int64_t window) const;

  /// The window that a message finds which is sent at `now`, in segments.
  std::int64_t open(const Transfer& transfer, SimTime now, const TcpPath& path);

  /// A message that found `window` has left with its last byte at `left`.
  void close(const Transfer& transfer, std::int64_t window, const TcpPath& path, SimTime left);

  void persist(Archive& archive);

 private:
  struct Connection {
    std::int64_t window = 0;
    SimTime last_sent{};

    void persist(Archive& archive) { archive(window, last_sent); }
  };

  TcpOptions options_;
  std::vector<std::map<PeerId, Connection>> connections_;  ///< By sender, then receiver.
};

/// How much longer a message takes for windows that have to open: the sum of the delays (1).
/// REQUIRES: segments >= 0, window >= 1.
SimTime slow_start_delay(std::int64_t segments, std::int64_t window, const TcpPath& path);

}  // namespace hearsay

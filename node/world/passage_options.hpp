#pragma once

#include <optional>
#include <string>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/time.hpp"
#include "node/world/tcp_windows.hpp"

namespace hearsay {

/// Peers stand at uniformly random points of a unit square; being apart costs time.
struct GeometricOptions {
  SimTime per_unit{50'000'000};  ///< For a distance of 1, the side of the square.

  friend bool operator==(const GeometricOptions&, const GeometricOptions&) = default;
};

/// What can happen to a message between its sender's uplink and its receiver's downlink:
/// the keys that all built-in networks share. Nothing but the latency by default.
struct PassageOptions {
  /// Between any two peers; with `geometric`, what is added to the cost of the distance.
  /// REQUIRES: left alone if latency_matrix is given.
  SimTime latency{20'000'000};

  /// CSV file: a line per sender, in it a latency in milliseconds per receiver, both in
  /// the order of peers; the diagonal is not used. Empty: none.
  std::string latency_matrix;

  std::optional<GeometricOptions> geometric;

  /// Mean of an extra delay per message, exponentially distributed.
  SimTime jitter{};

  Fraction loss{};

  /// With it a lost message is sent again, until it arrives. The sender notices a loss
  /// `retransmit_timeout` after the message left, and twice as late each time it is lost
  /// again, but never later than kLongestTimeout (or than the first time, if that is more).
  /// REQUIRES: loss at most kMostResentLoss.
  bool retransmit = false;
  SimTime retransmit_timeout{1'000'000'000};

  Fraction duplicate{};  ///< Share of messages whose receiver gets a second copy.

  /// Share of messages held back by `reorder_delay`, so that others overtake them.
  Fraction reorder{};
  SimTime reorder_delay{10'000'000};

  /// Messages travel over TCP connections: tcp_windows.hpp. Empty: over the links alone.
  std::optional<TcpOptions> tcp;

  friend bool operator==(const PassageOptions&, const PassageOptions&) = default;
};

/// The least bound that RFC 6298 (Computing TCP's Retransmission Timer, 2011, rule 2.5)
/// allows for a timeout that doubles.
constexpr SimTime kLongestTimeout{60'000'000'000};

/// The largest loss with `retransmit`: a message is then sent 100 times on average.
constexpr double kMostResentLoss = 0.99;

template <class Visitor>
void describe(Visitor& visit, GeometricOptions& options) {
  visit("per_unit", options.per_unit, between(0, kLongestDelayS),
        "latency for the side of the square");
}

template <class Visitor>
void describe(Visitor& visit, PassageOptions& options) {
  visit("latency", options.latency, between(0, kLongestDelayS),
        "time from sender to receiver of a first byte");
  visit("latency_matrix", options.latency_matrix,
        "CSV file: milliseconds, a line per sender, instead of `latency`");
  visit("geometric", options.geometric,
        "peers at random points of a unit square: distance adds to `latency`");
  visit("jitter", options.jitter, between(0, kLongestDelayS),
        "mean extra delay of a message, exponential");
  visit("loss", options.loss, from_below(0, 1), "share of messages lost on the way");
  visit("retransmit", options.retransmit, "whether lost messages are sent again");
  visit("retransmit_timeout", options.retransmit_timeout,
        {.low = 0, .high = kLongestDelayS, .low_open = true},
        "time until a first loss is noticed; doubles");
  visit("duplicate", options.duplicate, between(0, 1), "share of messages delivered twice");
  visit("reorder", options.reorder, between(0, 1), "share of messages held back");
  visit("reorder_delay", options.reorder_delay, between(0, kLongestDelayS),
        "how long they are held back");
  visit("tcp", options.tcp, "what TCP adds: headers, windows that have to open");
}

/// Why these options contradict each other: a message without a place, such as "give
/// either ... or ..., not both"; nothing if they do not.
std::optional<std::string> infeasible(const PassageOptions& options);

}  // namespace hearsay

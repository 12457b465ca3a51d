#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "node/world/network_model.hpp"
#include "node/world/passage_options.hpp"

namespace hearsay {

/// Links are queues. The uplink of the sender transmits messages one after another,
/// b / up seconds each; the first byte reaches the receiver's downlink one latency after
/// it left. Reception overlaps with transmission (cut-through): the downlink serves
/// messages in the order of their last byte's arrival, each takes b / down seconds of
/// it and is done no earlier than its last byte has arrived:
///   done = max(last, max(free, first) + b / down),  first = last - b / up.
/// A message that is sent again goes before those that wait on the uplink, and
/// interrupts the one that is being transmitted.
///
/// With a spread, peer i's links have up * f_i and down * f_i, f_i = exp(sigma * z_i),
/// z_i ~ N(0, 1); `first` is then reckoned with the median uplink, not the sender's.
///
/// Use: a link is in use while it transmits. The wait is the longest time by which
/// others on one link, up or down, put off a message.
struct LinksOptions {
  static constexpr std::string_view kKind = "links";
  static constexpr std::string_view kSummary = "Latency, and a queue on every up- and downlink.";

  PassageOptions passage{};
  Bandwidth up{};
  Bandwidth down{};
  double bandwidth_sigma = 0.0;

  friend bool operator==(const LinksOptions&, const LinksOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, LinksOptions& options) {
  describe(visit, options.passage);
  visit("up", options.up, at_least(1), "uplink of every peer");
  visit("down", options.down, at_least(1), "downlink of every peer");
  visit("bandwidth_sigma", options.bandwidth_sigma, between(0, 5),
        "spread of peers' bandwidths: standard deviation of the log");
}

/// Says so if the options contradict each other.
std::optional<std::string> infeasible(const LinksOptions& options, int num_peers);

/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or if the latency matrix cannot be read (latencies.hpp).
std::unique_ptr<NetworkModel> make_network(const LinksOptions& options, int num_peers,
                                           const Rng& rng);

}  // namespace hearsay

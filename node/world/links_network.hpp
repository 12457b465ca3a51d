#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "node/world/link_capacities.hpp"
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
/// With `tcp`, headers take their share of the links; the last byte leaves later by what slow
/// start adds (tcp_windows.hpp), and the uplink is free for others meanwhile.
///
/// With a spread, `first` is reckoned with the median uplink, not the sender's.
///
/// A message that would keep a link busy beyond SimTime's end blocks it for good: it never
/// passes, nor do those behind it.
///
/// Use: a link is in use while it transmits. The wait is the longest time by which
/// others on one link, up or down, put off a message.
struct LinksOptions {
  static constexpr std::string_view kKind = "links";
  static constexpr std::string_view kSummary = "Latency, and a queue on every up- and downlink.";

  PassageOptions passage{};
  LinkCapacities links{};

  friend bool operator==(const LinksOptions&, const LinksOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, LinksOptions& options) {
  describe(visit, options.passage);
  describe(visit, options.links);
}

/// Says so if the options contradict each other.
std::optional<std::string> infeasible(const LinksOptions& options, int num_peers);

/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or if the latency matrix cannot be read (latencies.hpp).
std::unique_ptr<NetworkModel> make_network(const LinksOptions& options, int num_peers,
                                           const Rng& rng);

}  // namespace hearsay

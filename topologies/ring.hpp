#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Peer i is joined to i - 1 and i + 1 modulo num_peers: 2-regular, connected.
/// One peer has no neighbor; two peers share one edge.
struct RingOptions {
  static constexpr std::string_view kKind = "ring";
  static constexpr std::string_view kSummary = "Peer i beside i - 1 and i + 1, closed.";

  friend bool operator==(const RingOptions&, const RingOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, RingOptions&) {}

/// Nothing: a ring of any size can be made.
std::optional<std::string> infeasible(const RingOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
Graph make_graph(const RingOptions& options, int num_peers, Rng rng);

}  // namespace hearsay

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Peer 0, the hub, is joined to all others, which know nobody else: connected.
/// One peer has no neighbor; two peers share one edge.
struct StarOptions {
  static constexpr std::string_view kKind = "star";
  static constexpr std::string_view kSummary = "Peer 0 is the only neighbor of all others.";

  friend bool operator==(const StarOptions&, const StarOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, StarOptions&) {}

/// Nothing: a star of any size can be made.
std::optional<std::string> infeasible(const StarOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
Graph make_graph(const StarOptions& options, int num_peers, Rng rng);

}  // namespace hearsay

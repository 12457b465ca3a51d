#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Peer i is joined to i - 1 and i + 1, the first and the last to one peer only: a tree,
/// connected, with the largest diameter of all graphs. One peer has no neighbor; two peers
/// share one edge.
struct PathOptions {
  static constexpr std::string_view kKind = "path";
  static constexpr std::string_view kSummary = "Peer i beside i - 1 and i + 1, not closed.";

  friend bool operator==(const PathOptions&, const PathOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, PathOptions&) {}

/// Nothing: a path of any size can be made.
std::optional<std::string> infeasible(const PathOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
Graph make_graph(const PathOptions& options, int num_peers, Rng rng);

}  // namespace hearsay

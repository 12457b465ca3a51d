#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Two cliques of m = (n - bridge) / 2 peers each, joined by a path of `bridge` peers: the
/// worst case of mixing, since all goes over one edge. In the order of ids: the first clique
/// 0 .. m - 1, the bridge, the second clique; the path runs from m - 1 over the bridge to the
/// second clique's first peer. m (m - 1) + bridge + 1 edges; connected.
///
/// Cliques of one or two peers make a path. One peer alone admits no barbell; two peers
/// share one edge. This is NetworkX's barbell_graph(m, bridge).
/// Aldous, Fill. Reversible Markov Chains and Random Walks on Graphs. 2002, chapter 5.
struct BarbellOptions {
  static constexpr std::string_view kKind = "barbell";
  static constexpr std::string_view kSummary = "Two cliques and a path of `bridge` peers between.";

  int bridge = 0;  ///< 0 <= bridge <= num_peers - 2; num_peers - bridge is even.

  friend bool operator==(const BarbellOptions&, const BarbellOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, BarbellOptions& options) {
  visit("bridge", options.bridge, at_least(0), "peers between the cliques; peers - bridge is even");
}

/// Says so if bridge is negative or leaves fewer than two peers or an odd number of them, or
/// there were more than kMaxEdges edges.
std::optional<std::string> infeasible(const BarbellOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible.
Graph make_graph(const BarbellOptions& options, int num_peers, Rng rng);

}  // namespace hearsay

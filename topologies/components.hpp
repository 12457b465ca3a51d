#pragma once

#include <functional>
#include <vector>

#include "topologies/graph.hpp"

namespace hearsay {

/// Whether an edge of the graph counts. Asked with the smaller id first, possibly twice for
/// one edge; a pure function.
using EdgePredicate = std::function<bool(PeerId, PeerId)>;

/// The connected components of what is left of a graph: the peers with `inside[peer]`, and
/// the edges between them for which `holds` is true; an empty predicate keeps all. Each peer
/// is labelled with the smallest id in its component, peers outside with -1. O(peers +
/// edges) time.
/// REQUIRES: inside.size() == graph.num_peers().
std::vector<PeerId> component_labels(const Graph& graph, const std::vector<bool>& inside,
                                     const EdgePredicate& holds = {});

}  // namespace hearsay

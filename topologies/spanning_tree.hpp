#pragma once

#include <memory>

#include "topologies/graph.hpp"
#include "topologies/link_schedule.hpp"

namespace hearsay {

/// A tree of shortest paths from peer 0 to all others, by breadth-first search in the order of
/// ids; of a graph that is not connected one such tree per component, from its least peer.
/// The graph itself if it is a tree. O(peers + edges).
Graph spanning_tree(const Graph& graph);

/// Both directions of every edge of `graph` in every round.
std::unique_ptr<LinkSchedule> fixed_links(const Graph& graph);

}  // namespace hearsay

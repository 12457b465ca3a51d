#pragma once

#include <vector>

#include "node/world/fault_timeline.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// What is left of a graph when faults are taken away: the peers that are up, and the edges
/// between them that work. Both references outlive it. Thread-safe.
class LiveGraph {
 public:
  LiveGraph(const Graph& graph, const FaultTimeline& faults) : graph_(graph), faults_(faults) {}

  /// By peer the smallest id in its connected component at `time`; -1 for peers that are
  /// down. O(peers + edges).
  std::vector<PeerId> components(SimTime time) const;

  /// Neighbors that are up and can be reached.
  int live_neighbors(PeerId peer, SimTime time) const;

 private:
  bool is_linked(PeerId a, PeerId b, SimTime time) const;

  const Graph& graph_;
  const FaultTimeline& faults_;
};

}  // namespace hearsay

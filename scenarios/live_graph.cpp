#include "scenarios/live_graph.hpp"

#include <algorithm>

#include "topologies/components.hpp"

namespace hearsay {

bool LiveGraph::is_linked(PeerId a, PeerId b, SimTime time) const {
  return faults_.is_connected_throughout(a, b, time, time);
}

std::vector<PeerId> LiveGraph::components(SimTime time) const {
  std::vector<bool> up(static_cast<std::size_t>(graph_.num_peers()));
  for (PeerId peer = 0; peer < graph_.num_peers(); ++peer) {
    up[static_cast<std::size_t>(peer)] = faults_.is_up(peer, time);
  }
  return component_labels(graph_, up, [&](PeerId a, PeerId b) { return is_linked(a, b, time); });
}

int LiveGraph::live_neighbors(PeerId peer, SimTime time) const {
  return static_cast<int>(std::ranges::count_if(graph_.neighbors(peer), [&](PeerId other) {
    return faults_.is_up(other, time) && is_linked(peer, other, time);
  }));
}

}  // namespace hearsay

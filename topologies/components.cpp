#include "topologies/components.hpp"

#include <algorithm>
#include <cstddef>

#include "node/base/check.hpp"

namespace hearsay {

std::vector<PeerId> component_labels(const Graph& graph, const std::vector<bool>& inside,
                                     const EdgePredicate& holds) {
  const auto peers = static_cast<std::size_t>(graph.num_peers());
  HEARSAY_CHECK(inside.size() == peers);
  std::vector<PeerId> labels(peers, -1);
  std::vector<PeerId> waiting;
  const auto enter = [&](PeerId peer, PeerId label) {
    labels[static_cast<std::size_t>(peer)] = label;
    waiting.push_back(peer);
  };
  const auto is_new = [&](PeerId peer) {
    const auto index = static_cast<std::size_t>(peer);
    return inside[index] && labels[index] < 0;
  };
  // Ascending, so that whoever starts a component has its smallest id.
  for (PeerId first = 0; first < graph.num_peers(); ++first) {
    if (!is_new(first)) continue;
    enter(first, first);
    while (!waiting.empty()) {
      const PeerId peer = waiting.back();
      waiting.pop_back();
      for (const PeerId neighbor : graph.neighbors(peer)) {
        if (!is_new(neighbor)) continue;
        if (holds && !holds(std::min(peer, neighbor), std::max(peer, neighbor))) continue;
        enter(neighbor, first);
      }
    }
  }
  return labels;
}

}  // namespace hearsay

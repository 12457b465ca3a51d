#include "topologies/path.hpp"

#include <vector>

#include "node/base/check.hpp"

namespace hearsay {

std::optional<std::string> infeasible(const PathOptions&, int) { return std::nullopt; }

Graph make_graph(const PathOptions&, int num_peers, Rng) {
  HEARSAY_CHECK(num_peers >= 1);
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(num_peers));
  for (PeerId peer = 1; peer < num_peers; ++peer) edges.emplace_back(peer - 1, peer);
  return {num_peers, edges};
}

}  // namespace hearsay

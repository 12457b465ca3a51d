#include "topologies/ring.hpp"

#include <vector>

#include "node/base/check.hpp"

namespace hearsay {

std::optional<std::string> infeasible(const RingOptions&, int) { return std::nullopt; }

Graph make_graph(const RingOptions&, int num_peers, Rng) {
  HEARSAY_CHECK(num_peers >= 1);
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(num_peers));
  for (PeerId peer = 1; peer < num_peers; ++peer) edges.emplace_back(peer - 1, peer);
  if (num_peers > 2) edges.emplace_back(0, num_peers - 1);
  return {num_peers, edges};
}

}  // namespace hearsay

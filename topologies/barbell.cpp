#include "topologies/barbell.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include "node/base/check.hpp"
#include "topologies/generator.hpp"

namespace hearsay {
namespace {

std::int64_t num_edges(std::int64_t clique, std::int64_t bridge) {
  return clique * (clique - 1) + bridge + 1;
}

void join_all(PeerId first, PeerId last, std::vector<Edge>& edges) {
  for (PeerId i = first; i <= last; ++i) {
    for (PeerId j = i + 1; j <= last; ++j) edges.emplace_back(i, j);
  }
}

}  // namespace

std::optional<std::string> infeasible(const BarbellOptions& options, int num_peers) {
  const int bridge = options.bridge;
  const std::string given = "bridge " + std::to_string(bridge);
  if (num_peers < 2) return "a barbell needs at least 2 peers, there is 1";
  if (bridge < 0) return given + " is below 0";
  if (bridge > num_peers - 2) {
    return given + " leaves no peer for either clique of " + std::to_string(num_peers) +
           " peers; at most " + std::to_string(num_peers - 2);
  }
  const int rest = num_peers - bridge;
  if (rest % 2 != 0) {
    const int nearest = bridge + 1 <= num_peers - 2 ? bridge + 1 : bridge - 1;
    return given + " leaves " + std::to_string(rest) + " of " + std::to_string(num_peers) +
           " peers, which do not make two equal cliques; nearest valid bridge: " +
           std::to_string(nearest);
  }
  if (num_edges(rest / 2, bridge) > kMaxEdges) {
    const auto clique = static_cast<int>(std::sqrt(static_cast<double>(kMaxEdges)));
    return std::to_string(num_peers) + " peers make " +
           std::to_string(num_edges(rest / 2, bridge)) + " edges, at most " +
           std::to_string(kMaxEdges) + " are possible: cliques have at most " +
           std::to_string(clique) + " peers";
  }
  return std::nullopt;
}

Graph make_graph(const BarbellOptions& options, int num_peers, Rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  const int clique = (num_peers - options.bridge) / 2;
  const PeerId second = clique + options.bridge;
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(num_edges(clique, options.bridge)));
  join_all(0, clique - 1, edges);
  join_all(second, num_peers - 1, edges);
  for (PeerId peer = clique; peer <= second; ++peer) edges.emplace_back(peer - 1, peer);
  return {num_peers, edges};
}

}  // namespace hearsay

#include "topologies/barabasi_albert.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "node/base/check.hpp"
#include "topologies/generator.hpp"

namespace hearsay {
namespace {

std::int64_t num_edges(std::int64_t m, int num_peers) { return m * (num_peers - m); }

/// The largest m up to which m (n - m) <= kMaxEdges. REQUIRES: some m < n exceeds it.
std::int64_t most_edges_each(int num_peers) {
  const double n = num_peers;
  const double root = (n - std::sqrt(n * n - 4.0 * static_cast<double>(kMaxEdges))) / 2.0;
  auto m = static_cast<std::int64_t>(root) + 1;
  while (num_edges(m, num_peers) > kMaxEdges) --m;
  return m;
}

}  // namespace

std::optional<std::string> infeasible(const BarabasiAlbertOptions& options, int num_peers) {
  const std::string given = "edges " + std::to_string(options.edges);
  if (options.edges < 1) return given + " is below 1";
  if (options.edges >= num_peers) {
    std::string message = given + " needs more than " + std::to_string(options.edges) +
                          " peers, there are " + std::to_string(num_peers);
    if (num_peers > 1) message += "; at most " + std::to_string(num_peers - 1) + " is valid";
    return message;
  }
  const std::int64_t edges = num_edges(options.edges, num_peers);
  if (edges > kMaxEdges) {
    return given + " makes " + std::to_string(edges) + " edges of " + std::to_string(num_peers) +
           " peers, at most " + std::to_string(kMaxEdges) + " are possible; use " +
           std::to_string(most_edges_each(num_peers)) + " or less";
  }
  return std::nullopt;
}

Graph make_graph(const BarabasiAlbertOptions& options, int num_peers, Rng rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  const int m = options.edges;
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(num_edges(m, num_peers)));
  for (PeerId leaf = 1; leaf <= m; ++leaf) edges.emplace_back(0, leaf);
  std::vector<PeerId> last_drawn_by(static_cast<std::size_t>(num_peers), -1);
  for (PeerId peer = m + 1; peer < num_peers; ++peer) {
    // A uniform draw among the ends of all edges is a draw in proportion to degree.
    const std::uint64_t num_ends = 2 * edges.size();
    for (int drawn = 0; drawn < m;) {
      const std::uint64_t end = rng.below(num_ends);
      const Edge& edge = edges[end / 2];
      const PeerId target = end % 2 == 0 ? edge.first : edge.second;
      PeerId& last = last_drawn_by[static_cast<std::size_t>(target)];
      if (last == peer) continue;
      last = peer;
      edges.emplace_back(target, peer);
      ++drawn;
    }
  }
  return {num_peers, edges};
}

}  // namespace hearsay

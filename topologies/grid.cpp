#include "topologies/grid.hpp"

#include <vector>

#include "node/base/check.hpp"
#include "topologies/generator.hpp"
#include "topologies/rectangle.hpp"

namespace hearsay {

std::optional<std::string> infeasible(const GridOptions& options, int num_peers) {
  return misfit({options.rows, options.columns}, num_peers);
}

Graph make_graph(const GridOptions& options, int num_peers, Rng) {
  HEARSAY_CHECK(num_peers >= 1);
  require_feasible(options, num_peers);
  const auto [rows, columns] = filled_in({options.rows, options.columns}, num_peers);
  std::vector<Edge> edges;
  edges.reserve(2 * static_cast<std::size_t>(num_peers));
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const PeerId peer = row * columns + column;
      if (column + 1 < columns) edges.emplace_back(peer, peer + 1);
      if (row + 1 < rows) edges.emplace_back(peer, peer + columns);
    }
  }
  return {num_peers, edges};
}

}  // namespace hearsay

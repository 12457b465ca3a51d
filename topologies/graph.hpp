#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "node/base/peer_id.hpp"

namespace hearsay {

/// An undirected edge {first, second}.
using Edge = std::pair<PeerId, PeerId>;

/// A simple undirected graph over peers: no self-loops, no parallel edges, immutable.
/// Stored as compressed sorted adjacency (CSR), so that a million peers fit and
/// iteration order never depends on how the graph was built. Safe to share between
/// threads.
class Graph {
 public:
  /// The graph with exactly these edges; an edge given twice counts once.
  /// @throws std::invalid_argument if num_peers < 1, an end is out of range or an
  ///         edge joins a peer to itself.
  Graph(int num_peers, std::span<const Edge> edges);

  int num_peers() const { return static_cast<int>(offsets_.size()) - 1; }
  std::int64_t num_edges() const { return static_cast<std::int64_t>(neighbors_.size()) / 2; }
  int degree(PeerId peer) const { return static_cast<int>(neighbors(peer).size()); }

  /// Ascending. The span stays valid as long as the graph.
  std::span<const PeerId> neighbors(PeerId peer) const;

  /// Where peer's neighbors start in the concatenation of all neighbor lists: other
  /// per-edge arrays (mixing weights) are laid out in parallel.
  std::int64_t first_slot(PeerId peer) const { return offsets_[static_cast<std::size_t>(peer)]; }

  bool is_connected() const;

  friend bool operator==(const Graph&, const Graph&) = default;

 private:
  std::vector<std::int64_t> offsets_;
  std::vector<PeerId> neighbors_;
};

}  // namespace hearsay

#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include "topologies/graph.hpp"

namespace hearsay {

/// The weights W of one gossip step x_i <- sum_j W(i,j) x_j, stored sparsely in
/// parallel to the graph's neighbor lists.
///
/// Class invariant, checked on construction in release builds too: W >= 0, every
/// row sums to 1 within 1e-12, and W(i,j) > 0 only if i == j or {i,j} is an edge.
/// Rules that also promise symmetry (hence double stochasticity) say so.
/// Immutable; safe to share between threads. The graph must outlive the matrix.
class MixingMatrix {
 public:
  /// Metropolis-Hastings: W(i,j) = 1 / (1 + max(deg i, deg j)) on edges,
  /// W(i,i) = 1 - sum_{j != i} W(i,j). Symmetric on every graph, hence doubly
  /// stochastic; W(i,i) > 0.
  /// Xiao, Boyd, Lall. A scheme for robust distributed sensor fusion based on average
  /// consensus. IPSN 2005, pages 63-70.
  static MixingMatrix metropolis_hastings(const Graph& graph);

  /// W(i,j) = 1 / (1 + deg i) for i and its neighbors. Row-stochastic only; doubly
  /// stochastic exactly when each component of the graph is regular.
  static MixingMatrix uniform(const Graph& graph);

  /// W(i,i) = self_weight, W(i,j) = (1 - self_weight) / deg i for the neighbors j of i; a peer
  /// without neighbors keeps all its weight. With 1/2 the lazy random walk on the graph.
  /// Row-stochastic only; doubly stochastic exactly when each component of the graph is
  /// regular. REQUIRES: 0 <= self_weight <= 1.
  /// Levin, Peres, Wilmer. Markov Chains and Mixing Times. AMS 2009, section 1.3.
  static MixingMatrix lazy(const Graph& graph, double self_weight);

  const Graph& graph() const { return *graph_; }

  double self_weight(PeerId peer) const { return self_[static_cast<std::size_t>(peer)]; }

  /// Weights of graph().neighbors(peer), in the same order.
  std::span<const double> neighbor_weights(PeerId peer) const;

  /// W(i,j); zero where there is no edge. O(log degree).
  double weight(PeerId i, PeerId j) const;

  /// Columns sum to 1 within `tolerance`.
  bool is_doubly_stochastic(double tolerance = 1e-9) const;

  /// |W(i,j) - W(j,i)| <= tolerance everywhere. Exact for Metropolis-Hastings.
  bool is_symmetric(double tolerance = 0.0) const;

  /// Dense n x n copy, for spectra and tests. REQUIRES: num_peers <= 4096.
  Eigen::MatrixXd dense() const;

 private:
  MixingMatrix(const Graph& graph, std::vector<double> self, std::vector<double> weights);

  const Graph* graph_;
  std::vector<double> self_;     ///< One per peer.
  std::vector<double> weights_;  ///< One per neighbor slot of the graph.
};

}  // namespace hearsay

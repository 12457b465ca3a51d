#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include "topologies/graph.hpp"

namespace hearsay {

/// All edges {i, j} with i < j, ascending by (i, j).
std::vector<Edge> edges_of(const Graph& graph);

/// How often each edge of a graph is used per unit of time: lambda_ij = lambda_ji >= 0.
/// Immutable. The graph must outlive the rates.
class EdgeRates {
 public:
  /// One rate per edge, in the order of edges_of(). REQUIRES: none is negative or infinite.
  EdgeRates(const Graph& graph, std::span<const double> rate_of_edge);

  /// All edges alike, `total` in all.
  static EdgeRates uniform(const Graph& graph, double total);

  /// Every peer uses an edge at rate `per_peer` / 2 of its own accord, each of its edges
  /// alike: lambda_ij = per_peer / 2 (1 / deg i + 1 / deg j). On regular graphs every peer
  /// then takes part in `per_peer` uses per unit of time.
  static EdgeRates by_degree(const Graph& graph, double per_peer);

  const Graph& graph() const { return *graph_; }

  /// Of the edges to graph().neighbors(peer), in the same order.
  std::span<const double> of(PeerId peer) const;

  /// Per edge, in the order of edges_of().
  std::vector<double> by_edge() const;

  double total() const;
  EdgeRates scaled(double factor) const;

  /// The Laplacian Lambda = sum_{ij} lambda_ij (e_i - e_j)(e_i - e_j)^T, dense.
  /// REQUIRES: num_peers <= 4096.
  Eigen::MatrixXd laplacian() const;

 private:
  const Graph* graph_;
  std::vector<double> rates_;  ///< One per neighbor slot of the graph.
};

}  // namespace hearsay

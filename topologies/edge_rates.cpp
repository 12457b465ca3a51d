#include "topologies/edge_rates.hpp"

#include <algorithm>
#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

std::size_t slot_of(const Graph& graph, PeerId from, PeerId to) {
  const std::span<const PeerId> neighbors = graph.neighbors(from);
  const auto found = std::ranges::lower_bound(neighbors, to);
  return static_cast<std::size_t>(graph.first_slot(from) + (found - neighbors.begin()));
}

}  // namespace

std::vector<Edge> edges_of(const Graph& graph) {
  std::vector<Edge> edges;
  edges.reserve(static_cast<std::size_t>(graph.num_edges()));
  for (PeerId i = 0; i < graph.num_peers(); ++i) {
    for (const PeerId j : graph.neighbors(i)) {
      if (i < j) edges.emplace_back(i, j);
    }
  }
  return edges;
}

EdgeRates::EdgeRates(const Graph& graph, std::span<const double> rate_of_edge)
    : graph_(&graph), rates_(2 * static_cast<std::size_t>(graph.num_edges())) {
  const std::vector<Edge> edges = edges_of(graph);
  HEARSAY_CHECK(rate_of_edge.size() == edges.size());
  for (std::size_t e = 0; e < edges.size(); ++e) {
    const auto [i, j] = edges[e];
    HEARSAY_CHECK(rate_of_edge[e] >= 0.0);
    HEARSAY_CHECK(std::isfinite(rate_of_edge[e]));
    rates_[slot_of(graph, i, j)] = rates_[slot_of(graph, j, i)] = rate_of_edge[e];
  }
}

EdgeRates EdgeRates::uniform(const Graph& graph, double total) {
  const auto edges = static_cast<std::size_t>(graph.num_edges());
  return {graph, std::vector<double>(edges, total / static_cast<double>(edges))};
}

EdgeRates EdgeRates::by_degree(const Graph& graph, double per_peer) {
  std::vector<double> rates;
  for (const auto& [i, j] : edges_of(graph)) {
    rates.push_back(per_peer / 2.0 * (1.0 / graph.degree(i) + 1.0 / graph.degree(j)));
  }
  return {graph, rates};
}

std::span<const double> EdgeRates::of(PeerId peer) const {
  return std::span(rates_).subspan(static_cast<std::size_t>(graph_->first_slot(peer)),
                                   static_cast<std::size_t>(graph_->degree(peer)));
}

std::vector<double> EdgeRates::by_edge() const {
  std::vector<double> rates;
  for (const auto& [i, j] : edges_of(*graph_)) rates.push_back(rates_[slot_of(*graph_, i, j)]);
  return rates;
}

double EdgeRates::total() const {
  double total = 0.0;
  for (const double rate : by_edge()) total += rate;
  return total;
}

EdgeRates EdgeRates::scaled(double factor) const {
  std::vector<double> rates = by_edge();
  for (double& rate : rates) rate *= factor;
  return {*graph_, rates};
}

Eigen::MatrixXd EdgeRates::laplacian() const {
  HEARSAY_CHECK(graph_->num_peers() <= 4096);
  Eigen::MatrixXd laplacian = Eigen::MatrixXd::Zero(graph_->num_peers(), graph_->num_peers());
  for (const auto& [i, j] : edges_of(*graph_)) {
    const double rate = rates_[slot_of(*graph_, i, j)];
    laplacian(i, j) = laplacian(j, i) = -rate;
    laplacian(i, i) += rate;
    laplacian(j, j) += rate;
  }
  return laplacian;
}

}  // namespace hearsay

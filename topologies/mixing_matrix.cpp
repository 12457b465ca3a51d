#include "topologies/mixing_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// Pairwise: the error grows with log(n), not n. A plain sum of a hub's million
// weights is off by 1e-11, more than the class invariant allows.
double sum(std::span<const double> values) {
  if (values.size() <= 32) {
    double total = 0.0;
    for (const double value : values) total += value;
    return total;
  }
  const std::size_t half = values.size() / 2;
  return sum(values.first(half)) + sum(values.subspan(half));
}

}  // namespace

MixingMatrix::MixingMatrix(const Graph& graph, std::vector<double> self,
                           std::vector<double> weights)
    : graph_(&graph), self_(std::move(self)), weights_(std::move(weights)) {
  HEARSAY_CHECK(self_.size() == index(graph.num_peers()));
  HEARSAY_CHECK(weights_.size() == index(2 * graph.num_edges()));
  for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
    const std::span<const double> weights_of_peer = neighbor_weights(peer);
    HEARSAY_CHECK(self_weight(peer) >= 0.0);
    for (const double weight : weights_of_peer) HEARSAY_CHECK(weight >= 0.0);
    HEARSAY_CHECK(std::abs(self_weight(peer) + sum(weights_of_peer) - 1.0) <= 1e-12);
  }
}

MixingMatrix MixingMatrix::metropolis_hastings(const Graph& graph) {
  std::vector<double> self;
  std::vector<double> weights;
  self.reserve(index(graph.num_peers()));
  weights.reserve(index(2 * graph.num_edges()));
  for (PeerId i = 0; i < graph.num_peers(); ++i) {
    const int degree = graph.degree(i);
    for (const PeerId j : graph.neighbors(i)) {
      weights.push_back(1.0 / (1.0 + std::max(degree, graph.degree(j))));
    }
    self.push_back(1.0 - sum(std::span(weights).last(index(degree))));
  }
  return {graph, std::move(self), std::move(weights)};
}

MixingMatrix MixingMatrix::uniform(const Graph& graph) {
  std::vector<double> self;
  std::vector<double> weights;
  self.reserve(index(graph.num_peers()));
  weights.reserve(index(2 * graph.num_edges()));
  for (PeerId i = 0; i < graph.num_peers(); ++i) {
    const int degree = graph.degree(i);
    const double share = 1.0 / (1.0 + degree);
    self.push_back(share);
    weights.insert(weights.end(), index(degree), share);
  }
  return {graph, std::move(self), std::move(weights)};
}

MixingMatrix MixingMatrix::lazy(const Graph& graph, double self_weight) {
  HEARSAY_CHECK(self_weight >= 0.0);
  HEARSAY_CHECK(self_weight <= 1.0);
  std::vector<double> self;
  std::vector<double> weights;
  self.reserve(index(graph.num_peers()));
  weights.reserve(index(2 * graph.num_edges()));
  for (PeerId i = 0; i < graph.num_peers(); ++i) {
    const int degree = graph.degree(i);
    self.push_back(degree == 0 ? 1.0 : self_weight);
    weights.insert(weights.end(), index(degree), (1.0 - self_weight) / degree);
  }
  return {graph, std::move(self), std::move(weights)};
}

std::span<const double> MixingMatrix::neighbor_weights(PeerId peer) const {
  const auto degree = index(graph_->degree(peer));
  return std::span(weights_).subspan(index(graph_->first_slot(peer)), degree);
}

double MixingMatrix::weight(PeerId i, PeerId j) const {
  HEARSAY_CHECK(j >= 0);
  HEARSAY_CHECK(j < graph_->num_peers());
  const std::span<const PeerId> neighbors = graph_->neighbors(i);
  if (i == j) return self_weight(i);
  const auto found = std::lower_bound(neighbors.begin(), neighbors.end(), j);
  if (found == neighbors.end() || *found != j) return 0.0;
  return neighbor_weights(i)[index(found - neighbors.begin())];
}

bool MixingMatrix::is_doubly_stochastic(double tolerance) const {
  std::vector<double> columns = self_;
  for (PeerId i = 0; i < graph_->num_peers(); ++i) {
    const std::span<const PeerId> neighbors = graph_->neighbors(i);
    const std::span<const double> weights = neighbor_weights(i);
    for (std::size_t k = 0; k < neighbors.size(); ++k) columns[index(neighbors[k])] += weights[k];
  }
  return std::ranges::all_of(
      columns, [tolerance](double column) { return std::abs(column - 1.0) <= tolerance; });
}

bool MixingMatrix::is_symmetric(double tolerance) const {
  for (PeerId i = 0; i < graph_->num_peers(); ++i) {
    const std::span<const PeerId> neighbors = graph_->neighbors(i);
    const std::span<const double> weights = neighbor_weights(i);
    for (std::size_t k = 0; k < neighbors.size(); ++k) {
      if (std::abs(weights[k] - weight(neighbors[k], i)) > tolerance) return false;
    }
  }
  return true;
}

Eigen::MatrixXd MixingMatrix::dense() const {
  const int n = graph_->num_peers();
  HEARSAY_CHECK(n <= 4096);
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(n, n);
  for (PeerId i = 0; i < n; ++i) {
    matrix(i, i) = self_weight(i);
    const std::span<const PeerId> neighbors = graph_->neighbors(i);
    const std::span<const double> weights = neighbor_weights(i);
    for (std::size_t k = 0; k < neighbors.size(); ++k) matrix(i, neighbors[k]) = weights[k];
  }
  return matrix;
}

}  // namespace hearsay

#include "topologies/resistance.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

// Relative to the largest eigenvalue: below, an eigenvalue is 0 up to rounding.
constexpr double kRounding = 1e-13;

Solver solve(const EdgeRates& rates) {
  Solver solver(rates.laplacian());
  HEARSAY_CHECK(solver.info() == Eigen::Success);
  return solver;
}

bool is_connected(const Solver& solver) {
  const Eigen::VectorXd& values = solver.eigenvalues();
  return values[1] > kRounding * values[values.size() - 1];
}

std::vector<double> resistances(const Solver& solver, const std::vector<Edge>& edges) {
  const Eigen::Index n = solver.eigenvalues().size();
  // Row i: the eigenvectors' entries at i over the roots of their eigenvalues, but the first.
  const Eigen::MatrixXd places =
      solver.eigenvectors().rightCols(n - 1) *
      solver.eigenvalues().tail(n - 1).cwiseSqrt().cwiseInverse().asDiagonal();
  std::vector<double> found;
  found.reserve(edges.size());
  for (const auto& [i, j] : edges) {
    found.push_back((places.row(i) - places.row(j)).squaredNorm());
  }
  return found;
}

}  // namespace

GossipConstants gossip_constants(const EdgeRates& rates) {
  if (rates.graph().num_peers() == 1) return {};
  const Solver solver = solve(rates);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!is_connected(solver)) return {.chi1 = kInfinity, .chi2 = kInfinity};
  const std::vector<double> all = resistances(solver, edges_of(rates.graph()));
  return {.chi1 = 1.0 / solver.eigenvalues()[1], .chi2 = std::ranges::max(all) / 2.0};
}

std::vector<double> effective_resistances(const EdgeRates& rates) {
  const Solver solver = solve(rates);
  HEARSAY_CHECK(is_connected(solver));
  return resistances(solver, edges_of(rates.graph()));
}

double sufficient_rate(const GossipConstants& constants) {
  return std::sqrt(2.0 * constants.chi1 * constants.chi2);
}

}  // namespace hearsay

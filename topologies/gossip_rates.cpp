#include "topologies/gossip_rates.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <vector>

#include "node/base/check.hpp"
#include "topologies/resistance.hpp"

namespace hearsay {
namespace {

// How sharply smoothed maxima prefer the greatest: the larger, the nearer to a maximum.
constexpr double kSharpness = 60.0;
constexpr double kFirstStep = 0.5;

/// exp(sharpness (value / greatest - 1)), scaled to a sum of 1.
Eigen::VectorXd soft_greatest(const Eigen::VectorXd& values) {
  const Eigen::VectorXd shares =
      (kSharpness * (values.array() / values.maxCoeff() - 1.0)).exp().matrix();
  return shares / shares.sum();
}

/// Rates that sum to 1 and what belongs to them.
class Point {
 public:
  Point(const Graph& graph, const std::vector<Edge>& edges, const Eigen::VectorXd& rates)
      : solver_(
            EdgeRates(graph, {rates.data(), static_cast<std::size_t>(rates.size())}).laplacian()),
        differences_(edges.size(), graph.num_peers() - 1) {
    HEARSAY_CHECK(solver_.info() == Eigen::Success);
    for (std::size_t e = 0; e < edges.size(); ++e) {
      const auto [i, j] = edges[e];
      differences_.row(static_cast<Eigen::Index>(e)) =
          (solver_.eigenvectors().row(i) - solver_.eigenvectors().row(j)).tail(values().size());
    }
    products_ = differences_ * values().cwiseInverse().asDiagonal() * differences_.transpose();
  }

  double chi1() const { return 1.0 / values()[0]; }
  double chi2() const { return products_.diagonal().maxCoeff() / 2.0; }

  /// Of log F = log sum lambda + 1/2 log chi1 + 1/2 log chi2, times 2.
  Eigen::VectorXd gradient() const {
    const Eigen::VectorXd least = soft_greatest(values().cwiseInverse());
    const Eigen::VectorXd worst = soft_greatest(products_.diagonal());
    const Eigen::VectorXd eigenvalue = differences_.cwiseAbs2() * least / values()[0];
    const Eigen::VectorXd resistance =
        products_.cwiseAbs2() * worst / products_.diagonal().maxCoeff();
    return (2.0 - eigenvalue.array() - resistance.array()).matrix();
  }

 private:
  /// The eigenvalues but the first, ascending.
  Eigen::VectorXd values() const {
    return solver_.eigenvalues().tail(solver_.eigenvalues().size() - 1);
  }

  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver_;
  Eigen::MatrixXd differences_;  ///< Per edge, of the eigenvectors at its ends.
  Eigen::MatrixXd products_;     ///< (e_a - e_b)^T Lambda^+ (e_i - e_j) per pair of edges.
};

}  // namespace

EdgeRates optimal_rates(const Graph& graph, int steps) {
  HEARSAY_CHECK(graph.is_connected());
  HEARSAY_CHECK(graph.num_edges() > 0);
  HEARSAY_CHECK(steps >= 1);
  const std::vector<Edge> edges = edges_of(graph);
  const auto count = static_cast<Eigen::Index>(edges.size());
  Eigen::VectorXd rates = Eigen::VectorXd::Constant(count, 1.0 / static_cast<double>(count));
  Eigen::VectorXd best = rates;
  double least = 0.0;
  for (int step = 1; step <= steps; ++step) {
    const Point point(graph, edges, rates);
    const double total = sufficient_rate({.chi1 = point.chi1(), .chi2 = point.chi2()});
    if (step == 1 || total < least) {
      least = total;
      best = rates * total;
    }
    const Eigen::VectorXd gradient = point.gradient();
    const double size = rates.cwiseProduct(gradient).cwiseAbs().maxCoeff() + 1e-12;
    const double factor = kFirstStep / std::sqrt(step) / size;
    rates = rates.array() * (-factor * rates.cwiseProduct(gradient).array()).exp();
    rates /= rates.sum();
  }
  return {graph, {best.data(), static_cast<std::size_t>(count)}};
}

}  // namespace hearsay

#include "aggregators/flag.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "aggregators/gram.hpp"
#include "aggregators/weighting_rule.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kEpsilon = 1e-7;  // Keeps weights finite where v = 1.

Eigen::SelfAdjointEigenSolver<MatrixXd> eigen_of(const MatrixXd& matrix) {
  Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix);
  HEARSAY_CHECK(solver.info() == Eigen::Success);
  return solver;
}

// All vectors are in the span of G = (g_1 ... g_p) with Gram matrix K = R R, R symmetric. In the
// orthonormal coordinates G R^-1, vector G a is R a; so nothing here has length d.
class SharedSubspace {
 public:
  SharedSubspace(const MatrixXd& gram, double lambda) {
    const auto solver = eigen_of(gram);
    const VectorXd& values = solver.eigenvalues();
    const MatrixXd& vectors = solver.eigenvectors();
    const double least = 1e-14 * std::max(0.0, values.maxCoeff());
    VectorXd roots = VectorXd::Zero(values.size());
    VectorXd inverse_roots = roots;
    for (Index r = 0; r < values.size(); ++r) {
      if (values[r] <= least) continue;
      roots[r] = std::sqrt(values[r]);
      inverse_roots[r] = 1.0 / roots[r];
    }
    root_ = vectors * roots.asDiagonal() * vectors.transpose();
    inverse_root_ = vectors * inverse_roots.asDiagonal() * vectors.transpose();
    const Index p = gram.rows();
    for (Index i = 0; i < p; ++i) add_column(root_.col(i), 1.0);
    if (lambda == 0.0) return;
    // Both orders of a pair have the same column.
    const double share = 2.0 * lambda / static_cast<double>(p - 1);
    for (Index i = 0; i < p; ++i) {
      for (Index j = i + 1; j < p; ++j) add_column(root_.col(i) - root_.col(j), share);
    }
  }

  // Reweights until the objective no longer improves.
  void fit(const FlagOptions& options, Index m) {
    double before = std::numeric_limits<double>::infinity();
    VectorXd weights = factors_;
    for (int t = 0; t < options.iterations; ++t) {
      span(weights, m);
      const VectorXd missing =
          (1.0 - (basis_.transpose() * columns_).colwise().squaredNorm().array())
              .max(0.0)
              .matrix()
              .transpose();
      const double objective = factors_.dot(missing.cwiseSqrt());
      if (before - objective <= options.tolerance * before) break;
      before = objective;
      weights = factors_.array() / (missing.array() + kEpsilon).sqrt();
    }
  }

  // c with Y Y^T G 1 = G c.
  VectorXd projected_sum() const {
    return inverse_root_ * (basis_ * (basis_.transpose() * root_.rowwise().sum()));
  }

 private:
  void add_column(const VectorXd& column, double factor) {
    const double norm = column.norm();
    if (norm == 0.0) return;
    columns_.conservativeResize(column.size(), columns_.cols() + 1);
    columns_.rightCols(1) = column / norm;
    factors_.conservativeResize(factors_.size() + 1);
    factors_[factors_.size() - 1] = factor;
  }

  // The top m left singular vectors of the columns, whose squares are scaled by `weights`.
  void span(const VectorXd& weights, Index m) {
    const auto solver = eigen_of(columns_ * weights.asDiagonal() * columns_.transpose());
    const VectorXd& values = solver.eigenvalues();
    const Index p = values.size();
    Index rank = 0;
    while (rank < m && values[p - 1 - rank] > 1e-10 * values[p - 1]) ++rank;
    basis_ = solver.eigenvectors().rightCols(rank);
  }

  MatrixXd root_;
  MatrixXd inverse_root_;
  MatrixXd columns_;  // Unit vectors.
  VectorXd factors_;  // Of their terms in the objective.
  MatrixXd basis_;    // Y.
};

class Flag final : public WeightingRule {
 public:
  explicit Flag(const FlagOptions& options) : options_(options) {}

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const SquareMatrix products = gram_matrix(x.rows(), {});
    const auto p = static_cast<Index>(products.size());
    const MatrixXd raw = Eigen::Map<const MatrixXd>(products.data(), p, p);
    // What each vector is multiplied by: with `normalize` the inverse of its norm.
    VectorXd scales = VectorXd::Ones(p);
    if (options_.normalize) {
      for (Index i = 0; i < p; ++i) scales[i] = raw(i, i) > 0.0 ? 1.0 / std::sqrt(raw(i, i)) : 0.0;
    }
    std::vector<double> weights(products.size(), 0.0);
    if (raw.diagonal().maxCoeff() == 0.0) return weights;
    const Index m = std::min<Index>(p, options_.m == 0 ? (p + 2) / 2 : options_.m);
    SharedSubspace subspace(scales.asDiagonal() * raw * scales.asDiagonal(), options_.lambda);
    subspace.fit(options_, m);
    const bool by_inputs = options_.divisor == FlagOptions::Divisor::kInputs;
    const VectorXd c = subspace.projected_sum() / static_cast<double>(by_inputs ? p : m);
    for (Index i = 0; i < p; ++i) weights[static_cast<std::size_t>(i)] = c[i] * scales[i];
    return weights;
  }

  FlagOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const FlagOptions& options) {
  return std::make_unique<Flag>(options);
}

}  // namespace hearsay

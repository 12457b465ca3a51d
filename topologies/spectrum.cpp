#include "topologies/spectrum.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

Solver solve(const MixingMatrix& matrix, Eigen::DecompositionOptions options) {
  HEARSAY_CHECK(matrix.is_symmetric(1e-12));
  Solver solver(matrix.dense(), options);
  HEARSAY_CHECK(solver.info() == Eigen::Success);
  return solver;
}

// Where, among ascending eigenvalues whose last is the mean's, the one with the largest
// modulus stands: at one of the two ends. REQUIRES: at least two eigenvalues.
Eigen::Index slowest(const Eigen::VectorXd& ascending) {
  const Eigen::Index second = ascending.size() - 2;
  return std::abs(ascending[0]) > std::abs(ascending[second]) ? 0 : second;
}

}  // namespace

Eigen::VectorXd eigenvalues(const MixingMatrix& matrix) {
  return solve(matrix, Eigen::EigenvaluesOnly).eigenvalues();
}

double second_largest_modulus(const MixingMatrix& matrix) {
  const Eigen::VectorXd ascending = eigenvalues(matrix);
  return ascending.size() == 1 ? 0.0 : std::abs(ascending[slowest(ascending)]);
}

double spectral_gap(const MixingMatrix& matrix) { return 1.0 - second_largest_modulus(matrix); }

SlowestMode slowest_mode(const MixingMatrix& matrix) {
  HEARSAY_CHECK(matrix.graph().num_peers() >= 2);
  const Solver solver = solve(matrix, Eigen::ComputeEigenvectors);
  const Eigen::Index position = slowest(solver.eigenvalues());
  return {solver.eigenvalues()[position], solver.eigenvectors().col(position)};
}

}  // namespace hearsay

#include "aggregators/spectrum.hpp"

#include <Eigen/Eigenvalues>

#include "node/base/check.hpp"

namespace hearsay {

Spectrum spectrum_of(const SquareMatrix& matrix) {
  const auto n = static_cast<Eigen::Index>(matrix.size());
  const Eigen::Map<const Eigen::MatrixXd> entries(matrix.data(), n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(entries);
  HEARSAY_CHECK(solver.info() == Eigen::Success);
  Spectrum spectrum;
  for (Eigen::Index r = n - 1; r >= 0; --r) {
    spectrum.values.push_back(solver.eigenvalues()[r]);
    const auto vector = solver.eigenvectors().col(r);
    spectrum.vectors.emplace_back(vector.begin(), vector.end());
  }
  return spectrum;
}

SquareMatrix centered(const SquareMatrix& gram, std::span<const double> c) {
  const std::size_t n = gram.size();
  HEARSAY_CHECK(c.size() == n);
  double total = 0.0;
  for (const double weight : c) total += weight;
  HEARSAY_CHECK(total > 0.0);
  std::vector<double> with_mean(n, 0.0);
  double mean_square = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) with_mean[i] += gram(i, j) * (c[j] / total);
    mean_square += with_mean[i] * (c[i] / total);
  }
  SquareMatrix result(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      result(i, j) = gram(i, j) - with_mean[i] - with_mean[j] + mean_square;
    }
  }
  return result;
}

}  // namespace hearsay

#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/reference/reference_vectors.hpp"

namespace hearsay::reference {

/// The flag aggregator on its columns, by a singular value decomposition of all of them in every
/// iteration; no input and no difference of two may be zero.
inline Vec flag(const Vecs& x, std::size_t m, int iterations, double lambda) {
  const auto d = static_cast<Eigen::Index>(x[0].size());
  const std::size_t p = x.size();
  std::vector<Eigen::VectorXd> units;
  std::vector<double> shares;  // What multiplies a column beside its weight.
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(d);
  for (std::size_t i = 0; i < p; ++i) {
    const Eigen::VectorXd g = Eigen::Map<const Eigen::VectorXd>(x[i].data(), d);
    sum += g;
    units.push_back(g.normalized());
    shares.push_back(1.0);
  }
  for (std::size_t i = 0; i < p && lambda > 0.0; ++i) {
    for (std::size_t j = 0; j < p; ++j) {
      if (i == j) continue;
      units.push_back((Eigen::Map<const Eigen::VectorXd>(x[i].data(), d) -
                       Eigen::Map<const Eigen::VectorXd>(x[j].data(), d))
                          .normalized());
      shares.push_back(std::sqrt(lambda / static_cast<double>(p - 1)));
    }
  }
  std::vector<double> weights(units.size(), 1.0);
  Eigen::MatrixXd basis;
  for (int iteration = 0; iteration < iterations; ++iteration) {
    Eigen::MatrixXd columns(d, static_cast<Eigen::Index>(units.size()));
    for (std::size_t k = 0; k < units.size(); ++k) {
      columns.col(static_cast<Eigen::Index>(k)) = shares[k] * weights[k] * units[k];
    }
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(columns, Eigen::ComputeThinU);
    const Eigen::VectorXd squares = svd.singularValues().array().square();
    Eigen::Index kept = 0;
    while (kept < squares.size() && kept < static_cast<Eigen::Index>(m) &&
           squares[kept] > 1e-10 * squares[0]) {
      ++kept;
    }
    basis = svd.matrixU().leftCols(kept);
    for (std::size_t k = 0; k < units.size(); ++k) {
      const double explained = (basis.transpose() * units[k]).squaredNorm();
      weights[k] = std::pow(1.0 - explained + 1e-7, -0.25);
    }
  }
  const Eigen::VectorXd result = basis * (basis.transpose() * sum) / static_cast<double>(p);
  return {result.data(), result.data() + d};
}

}  // namespace hearsay::reference

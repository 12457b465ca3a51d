#pragma once

#include <Eigen/Core>

#include "topologies/mixing_matrix.hpp"

namespace hearsay {

/// How fast x <- W x approaches the mean of all peers. For a symmetric W with
/// eigenvalues 1 = lambda_1 >= lambda_2 >= ... >= lambda_n >= -1, every step shrinks the
/// distance to the mean at least by the factor rho = max(|lambda_2|, |lambda_n|).
/// Xiao, Boyd. Fast linear iterations for distributed averaging. Systems & Control
/// Letters 53, 2004, pages 65-78.
///
/// All functions here build the dense matrix: O(n^2) memory, O(n^3) time.
/// All REQUIRE: matrix.is_symmetric(1e-12) and num_peers <= 4096.

/// All eigenvalues, ascending.
Eigen::VectorXd eigenvalues(const MixingMatrix& matrix);

/// rho, in [0, 1] up to rounding: 1 if the graph is disconnected, 0 for a single peer.
double second_largest_modulus(const MixingMatrix& matrix);

/// 1 - rho. 0: no consensus; 1: consensus in one step.
double spectral_gap(const MixingMatrix& matrix);

/// An eigenpair whose eigenvalue has modulus rho.
struct SlowestMode {
  double eigenvalue = 0.0;  ///< rho or -rho.
  Eigen::VectorXd vector;   ///< Length num_peers, norm 1; sums to 0 if the graph is connected.
};

/// What averages out last: along `vector`, each step multiplies by `eigenvalue`.
/// Where several eigenvalues have modulus rho, one of them. REQUIRES: num_peers >= 2.
SlowestMode slowest_mode(const MixingMatrix& matrix);

}  // namespace hearsay

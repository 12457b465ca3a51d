#pragma once

#include <span>
#include <vector>

#include "aggregators/gram.hpp"

namespace hearsay {

/// Eigenvalues of a symmetric matrix in descending order, and their unit eigenvectors, whose
/// signs are not specified.
struct Spectrum {
  std::vector<double> values;
  std::vector<std::vector<double>> vectors;  ///< vectors[r] belongs to values[r].
};

/// Symmetric QR; only the lower triangle is read. REQUIRES: finite entries.
Spectrum spectrum_of(const SquareMatrix& matrix);

/// The Gram matrix of x_i - mu from that of the x_i, with mu = sum_i c_i x_i / sum_i c_i:
/// the same for any origin. REQUIRES: c_i >= 0, one of them positive.
SquareMatrix centered(const SquareMatrix& gram, std::span<const double> c);

}  // namespace hearsay

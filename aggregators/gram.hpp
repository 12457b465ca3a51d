#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregators/coordinate_kernels.hpp"

namespace hearsay {

/// A square matrix of doubles.
class SquareMatrix {
 public:
  SquareMatrix() = default;
  explicit SquareMatrix(std::size_t size) : size_(size), entries_(size * size, 0.0) {}

  std::size_t size() const { return size_; }
  double& operator()(std::size_t i, std::size_t j) { return entries_[i * size_ + j]; }
  double operator()(std::size_t i, std::size_t j) const { return entries_[i * size_ + j]; }
  const double* data() const { return entries_.data(); }

 private:
  std::size_t size_ = 0;
  std::vector<double> entries_;
};

/// G_ij = <x_i - o, x_j - o>, in one pass over memory. A row without values stands for the
/// zero vector, and so does an origin o without values. Products and sums over 64 coordinates
/// are in float32, in 16 lanes, sums of these in double; nothing is fused, so that the bits do
/// not depend on the instruction set. Where that leaves the range of float32 everything is
/// done again in double: finite rows give a finite matrix. Equal rows give equal entries.
/// REQUIRES: at least one row has values; all that have are of one length.
SquareMatrix gram_matrix(Rows rows, std::span<const float> origin);

/// ||x_i - o||^2 for every row: the diagonal of gram_matrix(rows, o), in one pass over memory
/// with the same arithmetic but for the order of sums.
/// REQUIRES: all rows and `o` are of one length; o may be empty, for zero.
std::vector<double> squared_distances_from(Rows rows, std::span<const float> o);

/// ||x_i - x_j||^2 = G_ii + G_jj - 2 G_ij, not below 0, from a Gram matrix with any origin.
/// Errors are relative to the distances from the origin: choose one among the rows.
SquareMatrix squared_distances(const SquareMatrix& gram);

}  // namespace hearsay

#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace hearsay {

/// Vectors of one length, row by row.
struct VectorRows {
  std::size_t rows = 0;
  std::size_t dimension = 0;
  std::vector<float> values;  ///< rows * dimension numbers.

  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index * dimension, dimension);
  }
};

/// Reads vectors from a file, by its name's ending:
///   .npy   an array of NumPy's (format 1 to 3), n x d, float32 or float64, little endian, in C
///          order (numpy.lib.format);
///   else   JSON: {"vectors": [[...], ...]}; "inf", "-inf" and "nan" stand for what JSON has no
///          numbers for.
/// Numbers are rounded to float32.
/// @throws UserError "FILE: what is wrong" if it cannot be read, is no such file, or has rows of
///         different lengths, no row or no column.
VectorRows read_vectors(const std::filesystem::path& path);

}  // namespace hearsay

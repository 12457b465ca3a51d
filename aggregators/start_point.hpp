#pragma once

#include <array>
#include <span>
#include <vector>

#include "aggregators/gram.hpp"
#include "aggregators/input_vectors.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

/// Where an iterative rule starts: at zero, at the own vector, at the mean or at the
/// coordinate-wise median of all vectors.
enum class StartPoint { kZero, kOwn, kMean, kMedian };

constexpr auto enum_names(StartPoint) {
  return std::array{EnumName<StartPoint>{StartPoint::kZero, "zero"},
                    EnumName<StartPoint>{StartPoint::kOwn, "own"},
                    EnumName<StartPoint>{StartPoint::kMean, "mean"},
                    EnumName<StartPoint>{StartPoint::kMedian, "median"}};
}

/// Points of the form z = sum_i w_i x_i, with weights that sum to 1, over the inputs x_1..x_n
/// and the start as one more row. All distances follow from one Gram matrix around the own
/// vector, so that iterations cost nothing per coordinate.
class AffineSpan {
 public:
  AffineSpan(const InputVectors& x, StartPoint start);

  /// Weights of the start: n + 1 entries, the last that of the additional row.
  const std::vector<double>& start() const { return start_; }

  /// ||x_i - z|| for i = 1..n. REQUIRES: n + 1 weights that sum to 1.
  std::vector<double> distances(std::span<const double> weights) const;

  /// Writes z. REQUIRES: n + 1 weights.
  void write(std::span<const double> weights, std::span<float> result) const;

 private:
  std::vector<std::span<const float>> rows_;
  std::vector<float> median_;  ///< The additional row, unless the start needs none.
  std::vector<double> start_;
  SquareMatrix gram_;
};

}  // namespace hearsay

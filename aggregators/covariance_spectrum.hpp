#pragma once

#include <array>
#include <span>
#include <vector>

#include "aggregators/gram.hpp"
#include "aggregators/input_vectors.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

/// How the leading eigenvector of a covariance is found: exactly, or as ByzFL does by one step
/// of the power method, from the vector (sin 1, sin 2, ..., sin d) in place of a random one.
enum class LeadingDirection { kExact, kByzfl };

constexpr auto enum_names(LeadingDirection) {
  return std::array{EnumName<LeadingDirection>{LeadingDirection::kExact, "exact"},
                    EnumName<LeadingDirection>{LeadingDirection::kByzfl, "byzfl"}};
}

/// The leading eigenvector v of the covariance sum_i c_i (x_i - mu)(x_i - mu)^T / sum_i c_i,
/// with mu = sum_i c_i x_i / sum_i c_i.
struct Variation {
  double value = 0.0;               ///< Its eigenvalue, or the method's estimate of it.
  std::vector<double> projections;  ///< <x_i - mu, v> for each i, up to a common sign.
};

/// Finds it for any weights c from one Gram matrix of the inputs.
class CovarianceSpectrum {
 public:
  CovarianceSpectrum(const InputVectors& x, LeadingDirection direction);

  /// REQUIRES: one weight >= 0 per input, one of them positive.
  Variation leading(std::span<const double> c) const;

 private:
  LeadingDirection direction_;
  SquareMatrix gram_;                   ///< Around the own input.
  std::vector<double> start_products_;  ///< <x_i, s> with the unit start vector s, if needed.
};

}  // namespace hearsay

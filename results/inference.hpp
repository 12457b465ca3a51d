#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "results/records.hpp"

/// What a few repetitions say about a mean. Intervals and tests are those of Student's t
/// distribution: they assume that the repetitions are independent and the values (for
/// pairs: their differences) about normal.

namespace hearsay {

/// P(|T| >= |t|) for T of Student's t distribution with v degrees of freedom:
///   I_x(v/2, 1/2),  x = v / (v + t^2),
/// the regularised incomplete beta function I by its continued fraction, DLMF 8.17.22
/// (dlmf.nist.gov), to about 14 digits. 0 for infinite t, NaN for NaN. REQUIRES: degrees > 0.
double t_two_sided_p(double t, double degrees);

/// The t > 0 with P(|T| < t) = confidence. REQUIRES: 0 < confidence < 1, degrees > 0.
double t_quantile(double confidence, double degrees);

inline constexpr double kConfidence = 0.95;

/// The mean of n values and half the width of its interval at kConfidence,
///   t s / sqrt(n),  s the sample standard deviation, t = t_quantile(kConfidence, n - 1).
struct MeanInterval {
  std::size_t n = 0;
  double mean = kMissing;        ///< Missing without values, or with a missing one.
  double half_width = kMissing;  ///< Missing below two values too.
};

MeanInterval mean_interval(std::span<const double> values);

/// Whether the mean of differences could be 0.
struct DifferenceTest {
  MeanInterval difference;
  double p = kMissing;  ///< Two-sided, of the paired t test; missing as the half width.

  /// The interval has 0 in it, or there is no interval.
  bool may_be_zero() const;
};

/// Of values[i] - baseline[i]. REQUIRES: as many of one as of the other.
/// Differences that are all the same have the p value 0, or 1 if they are 0.
DifferenceTest test_difference(std::span<const double> values, std::span<const double> baseline);

/// p values corrected for the number m of tests that were made: with p_(1) <= ... <= p_(m)
///   p'_(k) = max_{j <= k} min(1, (m - j + 1) p_(j)).
/// Missing values stay missing and do not count. S. Holm. A Simple Sequentially Rejective
/// Multiple Test Procedure. Scandinavian Journal of Statistics 6(2):65-70, 1979.
std::vector<double> holm(std::span<const double> p);

}  // namespace hearsay

#pragma once

#include <span>

#include "results/records.hpp"

/// Statistics of a list of numbers. All give kMissing for an empty list; a NaN among
/// the values makes the result NaN. Sums are taken in the order given.

namespace hearsay {

double mean_of(std::span<const double> values);

/// Sample standard deviation, divisor n - 1, in two passes; 0 for a single value.
double sd_of(std::span<const double> values);

double min_of(std::span<const double> values);
double max_of(std::span<const double> values);

/// The p-th percentile by linear interpolation between order statistics: with the
/// values sorted, x_0 <= ... <= x_(n-1), and h = (n - 1) p / 100,
///   x_floor(h) + (h - floor(h)) (x_(floor(h)+1) - x_floor(h)),
/// definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, The
/// American Statistician 50(4):361-365, 1996 (the default of R and of NumPy).
/// REQUIRES: 0 <= p <= 100.
double percentile_of(std::span<const double> values, double p);

}  // namespace hearsay

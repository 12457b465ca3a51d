#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/reference/reference_local_rules.hpp"

/// Residual-based reweighting with full sorts, and the leverage from the normal equations.

namespace hearsay::reference {

inline double sorted_median(Numbers values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
}

struct LineFit {
  Numbers weights;
  Numbers moved;
};

inline LineFit fit_entry(const Numbers& y, double lambda, double delta) {
  const std::size_t n = y.size();
  const auto count = static_cast<double>(n);
  Numbers x(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) x[i] += y[k] < y[i] || (y[k] == y[i] && k < i) ? 1.0 : 0.0;
  }
  Numbers slopes;
  for (std::size_t i = 0; i < n; ++i) {
    Numbers through;
    for (std::size_t k = 0; k < n; ++k) {
      if (k != i) through.push_back((y[i] - y[k]) / (x[i] - x[k]));
    }
    slopes.push_back(sorted_median(through));
  }
  const double slope = sorted_median(slopes);
  const double intercept = sorted_median(y) - slope * (count - 1.0) / 2.0;
  Numbers residuals;
  double sum = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    residuals.push_back(std::abs(y[i] - intercept - slope * x[i]));
    sum += x[i];
    squares += x[i] * x[i];
  }
  std::ranges::sort(residuals);
  const double scale = 1.4826 * (1.0 + 5.0 / (count - 1.0)) *
                           sorted_median({residuals.begin() + 1, residuals.end()}) +
                       1e-7;
  LineFit fit;
  for (std::size_t i = 0; i < n; ++i) {
    // (1, x) (X^T X)^-1 (1, x)^T with X^T X = (n, sum; sum, squares).
    const double leverage =
        (squares - 2.0 * x[i] * sum + count * x[i] * x[i]) / (count * squares - sum * sum);
    const double line = intercept + slope * x[i];
    const double e = (y[i] - line) / scale / std::sqrt(1.0 - leverage);
    const double bound = lambda * std::sqrt(2.0 / count);
    const double weight = e == 0.0 ? 1.0 : std::clamp(e, -bound, bound) / e;
    fit.weights.push_back(weight);
    fit.moved.push_back(weight >= delta ? y[i] : line);
  }
  return fit;
}

inline Numbers residual_reweighting(const NeighborhoodCase& input, double lambda, double delta) {
  std::vector<LineFit> fits;
  Numbers totals(input.heard.size() + 1);
  for (std::size_t entry = 0; entry < input.own.size(); ++entry) {
    Numbers y{input.own[entry]};
    for (const Heard& heard : input.heard) y.push_back(heard.model[entry]);
    fits.push_back(fit_entry(y, lambda, delta));
    const Numbers& weights = fits.back().weights;
    const auto count = static_cast<double>(weights.size());
    double mean = 0.0;
    for (const double weight : weights) mean += weight / count;
    double variance = 0.0;
    for (const double weight : weights) {
      variance += (weight - mean) * (weight - mean) / (count - 1.0);
    }
    for (std::size_t i = 0; i < weights.size(); ++i) totals[i] += weights[i] * std::sqrt(variance);
  }
  if (std::ranges::count(totals, 0.0) == std::ssize(totals)) std::ranges::fill(totals, 1.0);
  double sum = 0.0;
  for (const double total : totals) sum += total * total;
  Numbers result;
  for (const LineFit& fit : fits) {
    result.push_back(0.0);
    for (std::size_t i = 0; i < totals.size(); ++i) {
      result.back() += totals[i] * totals[i] / sum * fit.moved[i];
    }
  }
  return result;
}

}  // namespace hearsay::reference

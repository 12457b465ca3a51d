#include "results/inference.hpp"

#include <algorithm>
#include <cmath>

#include "node/base/check.hpp"
#include "results/statistics.hpp"

namespace hearsay {
namespace {

/// The continued fraction of DLMF 8.17.22, evaluated from the front by Lentz's method as
/// modified by Thompson and Barnett, J. Comput. Phys. 64:490-509, 1986. Converges fast for
/// x < (a + 1) / (a + b + 2).
double beta_fraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  constexpr int kMostTerms = 100'000;
  const auto not_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1.0;
  double d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
  double fraction = d;
  for (int m = 1; m < kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double step = 1.0;
    for (const double term : {even, odd}) {
      d = 1.0 / not_zero(1.0 + term * d);
      c = not_zero(1.0 + term / c);
      step = c * d;
      fraction *= step;
    }
    if (std::abs(step - 1.0) < 1e-15) break;
  }
  return fraction;
}

/// I_x(a, b); y = 1 - x, given so that it loses no digits.
double incomplete_beta(double x, double y, double a, double b) {
  if (x <= 0.0) return 0.0;
  if (y <= 0.0) return 1.0;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log(y));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(x, a, b) / a;
  return 1.0 - front * beta_fraction(y, b, a) / b;
}

}  // namespace

double t_two_sided_p(double t, double degrees) {
  HEARSAY_CHECK(degrees > 0.0);
  if (std::isnan(t)) return kMissing;
  if (std::isinf(t)) return 0.0;
  const double square = t * t;
  return incomplete_beta(degrees / (degrees + square), square / (degrees + square), degrees / 2.0,
                         0.5);
}

double t_quantile(double confidence, double degrees) {
  HEARSAY_CHECK(confidence > 0.0);
  HEARSAY_CHECK(confidence < 1.0);
  const double p = 1.0 - confidence;
  double low = 0.0;
  double high = 1.0;
  while (t_two_sided_p(high, degrees) > p) high *= 2.0;
  for (double middle = high / 2.0; low < middle && middle < high; middle = (low + high) / 2.0) {
    (t_two_sided_p(middle, degrees) > p ? low : high) = middle;
  }
  return high;
}

MeanInterval mean_interval(std::span<const double> values) {
  MeanInterval interval{.n = values.size(), .mean = mean_of(values)};
  if (values.size() < 2) return interval;
  const auto n = static_cast<double>(values.size());
  interval.half_width = t_quantile(kConfidence, n - 1.0) * sd_of(values) / std::sqrt(n);
  return interval;
}

bool DifferenceTest::may_be_zero() const {
  return !(std::abs(difference.mean) > difference.half_width);
}

DifferenceTest test_difference(std::span<const double> values, std::span<const double> baseline) {
  HEARSAY_CHECK(values.size() == baseline.size());
  std::vector<double> differences;
  for (std::size_t i = 0; i < values.size(); ++i) differences.push_back(values[i] - baseline[i]);
  DifferenceTest test{.difference = mean_interval(differences)};
  if (differences.size() < 2) return test;
  const auto n = static_cast<double>(differences.size());
  const double mean = test.difference.mean;
  const double error = sd_of(differences) / std::sqrt(n);
  test.p = error == 0.0 && mean == 0.0 ? 1.0 : t_two_sided_p(mean / error, n - 1.0);
  return test;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> corrected(p.size(), kMissing);
  double largest = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double scaled = static_cast<double>(order.size() - k) * p[order[k]];
    largest = std::max(largest, std::min(1.0, scaled));
    corrected[order[k]] = largest;
  }
  return corrected;
}

}  // namespace hearsay

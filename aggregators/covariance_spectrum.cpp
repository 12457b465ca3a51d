#include "aggregators/covariance_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "aggregators/spectrum.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

// <x_i - x_own, s> with s = (sin 1, ..., sin d) / ||...||.
std::vector<double> products_with_sines(const InputVectors& x) {
  const std::span<const float> own = x.rows()[x.own()];
  std::vector<double> products(x.rows().size(), 0.0);
  double square = 0.0;
  for (std::size_t k = 0; k < own.size(); ++k) {
    const double sine = std::sin(static_cast<double>(k + 1));
    square += sine * sine;
    for (std::size_t i = 0; i < products.size(); ++i) {
      products[i] += sine * (static_cast<double>(x.rows()[i][k]) - static_cast<double>(own[k]));
    }
  }
  for (double& product : products) product /= std::sqrt(square);
  return products;
}

Variation exact(const SquareMatrix& products, std::span<const double> c, double total) {
  // With K the Gram matrix of x_i - mu and C = diag(c): eigenvectors u of C^1/2 K C^1/2 give
  // <x_i - mu, v> = (K C^1/2 u)_i / sqrt(value).
  const std::size_t n = products.size();
  SquareMatrix weighted(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      weighted(i, j) = std::sqrt(c[i] / total) * products(i, j) * std::sqrt(c[j] / total);
    }
  }
  const Spectrum spectrum = spectrum_of(weighted);
  Variation leading{.value = std::max(0.0, spectrum.values[0]),
                    .projections = std::vector<double>(n, 0.0)};
  if (leading.value == 0.0) return leading;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      leading.projections[i] += products(i, j) * std::sqrt(c[j] / total) * spectrum.vectors[0][j];
    }
    leading.projections[i] /= std::sqrt(leading.value);
  }
  return leading;
}

Variation one_power_step(const SquareMatrix& products, std::span<const double> c, double total,
                         std::span<const double> with_start) {
  // covariance s = sum_i a_i (x_i - mu) with a_i = c_i <x_i - mu, s> / sum_j c_j.
  const std::size_t n = products.size();
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) mean += c[i] / total * with_start[i];
  std::vector<double> a(n);
  for (std::size_t i = 0; i < n; ++i) a[i] = c[i] / total * (with_start[i] - mean);
  Variation leading{.projections = std::vector<double>(n, 0.0)};
  double square = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) leading.projections[i] += products(i, j) * a[j];
    square += a[i] * leading.projections[i];
  }
  leading.value = std::sqrt(std::max(0.0, square));
  if (leading.value == 0.0) return leading;
  for (double& projection : leading.projections) projection /= leading.value;
  return leading;
}

}  // namespace

CovarianceSpectrum::CovarianceSpectrum(const InputVectors& x, LeadingDirection direction)
    : direction_(direction), gram_(gram_matrix(x.rows(), x.rows()[x.own()])) {
  if (direction_ == LeadingDirection::kByzfl) start_products_ = products_with_sines(x);
}

Variation CovarianceSpectrum::leading(std::span<const double> c) const {
  HEARSAY_CHECK(c.size() == gram_.size());
  double total = 0.0;
  for (const double weight : c) total += weight;
  const SquareMatrix products = centered(gram_, c);
  return direction_ == LeadingDirection::kExact
             ? exact(products, c, total)
             : one_power_step(products, c, total, start_products_);
}

}  // namespace hearsay

#include "aggregators/start_point.hpp"

#include <algorithm>
#include <cmath>

#include "aggregators/weighting_rule.hpp"
#include "node/base/check.hpp"

namespace hearsay {

AffineSpan::AffineSpan(const InputVectors& x, StartPoint start)
    : rows_(x.rows().begin(), x.rows().end()), start_(x.rows().size() + 1, 0.0) {
  const std::size_t n = rows_.size();
  const std::span<const float> own = rows_[x.own()];
  switch (start) {
    case StartPoint::kZero:
      start_[n] = 1.0;
      break;
    case StartPoint::kOwn:
      start_[x.own()] = 1.0;
      break;
    case StartPoint::kMean:
      std::fill_n(start_.begin(), n, 1.0 / static_cast<double>(n));
      break;
    case StartPoint::kMedian:
      median_.resize(own.size());
      coordinate_median(x.rows(), median_);
      start_[n] = 1.0;
      break;
  }
  // An empty row is the zero vector.
  rows_.emplace_back(median_);
  gram_ = gram_matrix(rows_, own);
}

std::vector<double> AffineSpan::distances(std::span<const double> weights) const {
  HEARSAY_CHECK(weights.size() == rows_.size());
  std::vector<double> products(rows_.size(), 0.0);
  double square = 0.0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (std::size_t j = 0; j < rows_.size(); ++j) products[i] += gram_(i, j) * weights[j];
    square += weights[i] * products[i];
  }
  std::vector<double> distances(rows_.size() - 1);
  for (std::size_t i = 0; i < distances.size(); ++i) {
    distances[i] = std::sqrt(std::max(0.0, gram_(i, i) - 2.0 * products[i] + square));
  }
  return distances;
}

void AffineSpan::write(std::span<const double> weights, std::span<float> result) const {
  HEARSAY_CHECK(weights.size() == rows_.size());
  const std::size_t used = rows_.back().empty() ? rows_.size() - 1 : rows_.size();
  combine_rows(Rows(rows_).first(used), weights.first(used), result);
}

}  // namespace hearsay

#include "results/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "node/base/check.hpp"
#include "results/records.hpp"

namespace hearsay {
namespace {

bool has_nan(std::span<const double> values) {
  return std::ranges::any_of(values, [](double value) { return std::isnan(value); });
}

}  // namespace

double mean_of(std::span<const double> values) {
  if (values.empty()) return kMissing;
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return sum / static_cast<double>(values.size());
}

double sd_of(std::span<const double> values) {
  if (values.empty()) return kMissing;
  if (values.size() == 1) return std::isnan(values[0]) ? kMissing : 0.0;
  const double mean = mean_of(values);
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double min_of(std::span<const double> values) {
  return values.empty() || has_nan(values) ? kMissing : std::ranges::min(values);
}

double max_of(std::span<const double> values) {
  return values.empty() || has_nan(values) ? kMissing : std::ranges::max(values);
}

double percentile_of(std::span<const double> values, double p) {
  HEARSAY_CHECK(p >= 0.0);
  HEARSAY_CHECK(p <= 100.0);
  if (values.empty() || has_nan(values)) return kMissing;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const double position = static_cast<double>(sorted.size() - 1) * p / 100.0;
  const auto below = static_cast<std::size_t>(position);
  const double weight = position - std::floor(position);
  if (weight == 0.0) return sorted[below];
  return sorted[below] + weight * (sorted[below + 1] - sorted[below]);
}

}  // namespace hearsay

#include "results/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "node/base/check.hpp"
#include "results/number_text.hpp"

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

TargetTimes::TargetTimes(std::vector<double> targets)
    : targets_(std::move(targets)), times_(targets_.size()) {}

void TargetTimes::record(const PeerRow& row) {
  HEARSAY_CHECK(row.peer >= 0);
  if (row.role != kHonestRole) return;
  const auto peer = static_cast<std::size_t>(row.peer);
  if (peer >= is_known_.size()) {
    is_known_.resize(peer + 1, false);
    for (auto& times : times_) times.resize(peer + 1, kMissing);
  }
  is_known_[peer] = true;
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    double& time = times_[t][peer];
    if (std::isnan(time) && row.accuracy >= targets_[t]) time = exact_seconds(row.time);
  }
}

std::vector<TimeToAccuracy> TargetTimes::results() const {
  const auto peers = std::ranges::count(is_known_, true);
  std::vector<TimeToAccuracy> results;
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    std::vector<double> reached;
    std::ranges::copy_if(times_[t], std::back_inserter(reached),
                         [](double time) { return !std::isnan(time); });
    results.push_back(
        {.target = targets_[t],
         .node_averaged_s = mean_of(reached),
         .median_s = percentile_of(reached, 50.0),
         .p95_s = percentile_of(reached, 95.0),
         .slowest_s = max_of(reached),
         .fraction_reached =
             peers == 0 ? 0.0 : static_cast<double>(reached.size()) / static_cast<double>(peers)});
  }
  return results;
}

TimeToAccuracy time_to_accuracy(std::span<const PeerRow> rows, double target) {
  TargetTimes times({target});
  for (const PeerRow& row : rows) times.record(row);
  return times.results().front();
}

}  // namespace hearsay

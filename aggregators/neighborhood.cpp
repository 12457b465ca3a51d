#include "aggregators/neighborhood.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>

#include "aggregators/vector_kernels.hpp"
#include "node/base/check.hpp"

namespace hearsay {

std::vector<double> distances_from_own(const AggregationInput& input) {
  std::vector<std::span<const float>> models;
  models.reserve(input.received.size());
  for (const ReceivedModel& model : input.received) models.push_back(model.values);
  const WeightedVector own{1.0F, input.own};
  std::vector<double> distances = squared_distances(std::span(&own, 1), models);
  for (double& distance : distances) distance = std::sqrt(distance);
  return distances;
}

std::vector<std::size_t> nearest_first(std::span<const double> distances) {
  std::vector<std::size_t> order(distances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t j) { return distances[j]; });
  return order;
}

double clip_factor(double distance, double radius) {
  return distance <= radius ? 1.0 : radius / distance;
}

void combine(const AggregationInput& input, double own_weight, std::span<const double> weights,
             const AggregationContext& context, std::span<float> result) {
  HEARSAY_CHECK(weights.size() == input.received.size());
  std::vector<WeightedVector> terms;
  terms.reserve(weights.size() + 1);
  terms.push_back({static_cast<float>(own_weight), input.own});
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (weights[j] == 0.0) continue;
    terms.push_back({static_cast<float>(weights[j]), input.received[j].values});
  }
  linear_combination(terms, result);
  if (context.report != nullptr) {
    context.report->influence.assign(weights.begin(), weights.end());
  }
}

void step_from_own(const AggregationInput& input, std::span<const double> weights,
                   const AggregationContext& context, std::span<float> result) {
  const double heard = std::accumulate(weights.begin(), weights.end(), 0.0);
  combine(input, 1.0 - heard, weights, context, result);
}

double largest_weights(std::span<const ReceivedModel> received, int f) {
  std::vector<double> weights;
  weights.reserve(received.size());
  for (const ReceivedModel& model : received) weights.push_back(model.weight);
  std::ranges::sort(weights, std::greater{});
  const auto count = std::min(weights.size(), static_cast<std::size_t>(f));
  return std::accumulate(weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(count),
                         0.0);
}

std::vector<double> sample_shares(std::span<const ReceivedModel> received) {
  std::int64_t total = 0;
  for (const ReceivedModel& model : received) total += model.samples;
  std::vector<double> shares;
  if (total == 0) return shares;
  shares.reserve(received.size());
  for (const ReceivedModel& model : received) {
    shares.push_back(static_cast<double>(model.samples) / static_cast<double>(total));
  }
  return shares;
}

}  // namespace hearsay

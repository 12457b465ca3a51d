#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "aggregators/aggregator.hpp"

namespace hearsay {

/// What the rules have in common that look at their neighborhood from the own model and whose
/// result is a weighted sum of the own and the received models.

/// Euclidean distances of the received models from the own one, in the order of `received`.
std::vector<double> distances_from_own(const AggregationInput& input);

/// Positions in `distances`, the nearest first; of equal ones the first first.
std::vector<std::size_t> nearest_first(std::span<const double> distances);

/// By what a difference of length `distance` is multiplied so that it is not longer than
/// `radius` >= 0: min(1, radius / distance); 1 if distance is 0.
double clip_factor(double distance, double radius);

/// result = own_weight own + sum_j weights[j] x_j, summed own first, then in sender order, in
/// float32 with weights rounded from double; terms of weight 0 are not read. The report's
/// influence is `weights`. REQUIRES: weights parallel to input.received.
void combine(const AggregationInput& input, double own_weight, std::span<const double> weights,
             const AggregationContext& context, std::span<float> result);

/// combine() with own weight 1 - sum_j weights[j]: result = own + sum_j weights[j] (x_j - own).
void step_from_own(const AggregationInput& input, std::span<const double> weights,
                   const AggregationContext& context, std::span<float> result);

/// Sum of the weights W(own, j) of the `f` received models that have the largest ones: what f
/// attackers among these neighbors can weigh at most.
double largest_weights(std::span<const ReceivedModel> received, int f);

/// Shares of the received models by their senders' numbers of samples, summing to 1; empty if
/// no sender has any.
std::vector<double> sample_shares(std::span<const ReceivedModel> received);

}  // namespace hearsay

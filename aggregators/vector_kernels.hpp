#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hearsay {

/// One term of a linear combination.
struct WeightedVector {
  float weight = 0.0F;
  std::span<const float> values;
};

/// result = sum_k weight_k * values_k, in the order of `terms`: per entry one
/// multiplication and one addition per term, in float32, never fused. The bits do not
/// depend on the instruction set. Blocked so that `result` stays in the second-level
/// cache: memory is read once per term and written once.
/// REQUIRES: at least one term; all of result.size().
void linear_combination(std::span<const WeightedVector> terms, std::span<float> result);

/// Mean and population variance of all entries.
struct Moments {
  double mean = 0.0;
  double variance = 0.0;
};

/// Summed in double over 16 interleaved lanes, so that the bits do not depend on the
/// instruction set. REQUIRES: values is not empty.
Moments moments(std::span<const float> values);

/// Squared Euclidean distance of each of `vectors` from the linear combination of `terms`.
/// Blocked: memory is read once per term and once per vector. The combination is rounded as
/// linear_combination() rounds it; the rest is summed in double over 16 interleaved lanes, so
/// that the bits do not depend on the instruction set.
/// REQUIRES: at least one term; terms and vectors of one size.
std::vector<double> squared_distances(std::span<const WeightedVector> terms,
                                      std::span<const std::span<const float>> vectors);

/// Inner product, summed in double over 16 interleaved lanes. REQUIRES: equal sizes.
double inner_product(std::span<const float> a, std::span<const float> b);

/// With d = values - origin: sum += d and square += d * d, entry by entry, in double.
/// REQUIRES: equal sizes.
void add_deviations(std::span<const float> values, std::span<const float> origin,
                    std::span<double> sum, std::span<double> square);

}  // namespace hearsay

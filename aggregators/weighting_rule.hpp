#pragma once

#include <span>
#include <vector>

#include "aggregators/input_vectors.hpp"
#include "aggregators/smallest.hpp"

namespace hearsay {

/// A rule that writes sum_i w_i x_i with weights that it finds from its inputs' geometry.
/// Returns `own` where nothing was received. The weights are the reported influence.
class WeightingRule : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const final;

 private:
  /// One weight per row of x, which has at least two.
  virtual std::vector<double> weights(const InputVectors& x,
                                      const AggregationContext& context) const = 0;
};

/// result = sum_i weights_i rows_i, zeros where all weights are 0; rows of weight 0 are not
/// read. REQUIRES: one weight per row.
void combine_rows(Rows rows, std::span<const double> weights, std::span<float> result);

/// Weights 1 / |members| for these rows of n, 0 for the others.
/// REQUIRES: at least one member.
std::vector<double> mean_weights(std::size_t n, std::span<const std::size_t> members);

}  // namespace hearsay

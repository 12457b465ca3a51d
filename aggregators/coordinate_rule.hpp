#pragma once

#include <span>
#include <vector>

#include "aggregators/input_vectors.hpp"

namespace hearsay {

/// A rule that treats every coordinate alone, as a mean of some of its values. Returns `own`
/// where nothing was received.
class CoordinateRule : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const final;

 private:
  virtual void combine(Rows rows, std::span<float> result) const = 0;

  /// The rows' shares in what combine() writes, for the report.
  virtual std::vector<double> shares(Rows rows) const = 0;
};

}  // namespace hearsay

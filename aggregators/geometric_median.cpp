#include "aggregators/geometric_median.hpp"

#include <algorithm>

#include "aggregators/input_vectors.hpp"

namespace hearsay {
namespace {

class GeometricMedian final : public Aggregator {
 public:
  explicit GeometricMedian(const GeometricMedianOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    if (input.received.empty()) {
      std::ranges::copy(input.own, result.begin());
      return;
    }
    const InputVectors x(input, context);
    const AffineSpan span(x, options_.start);
    std::vector<double> weights = span.start();
    for (int t = 0; t < options_.iterations; ++t) {
      const std::vector<double> distances = span.distances(weights);
      double total = 0.0;
      for (std::size_t i = 0; i < distances.size(); ++i) {
        weights[i] = 1.0 / std::max(options_.nu, distances[i]);
        total += weights[i];
      }
      weights.back() = 0.0;
      for (double& weight : weights) weight /= total;
    }
    span.write(weights, result);
    x.report(std::span(weights).first(x.rows().size()), context);
  }

 private:
  GeometricMedianOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const GeometricMedianOptions& options) {
  return std::make_unique<GeometricMedian>(options);
}

}  // namespace hearsay

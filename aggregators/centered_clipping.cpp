#include "aggregators/centered_clipping.hpp"

#include <algorithm>

#include "aggregators/input_vectors.hpp"

namespace hearsay {
namespace {

class CenteredClipping final : public Aggregator {
 public:
  explicit CenteredClipping(const CenteredClippingOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    if (input.received.empty()) {
      std::ranges::copy(input.own, result.begin());
      return;
    }
    const InputVectors x(input, context);
    const AffineSpan span(x, options_.start);
    std::vector<double> weights = span.start();
    for (int l = 0; l < options_.iterations; ++l) move(span, weights);
    span.write(weights, result);
    x.report(std::span(weights).first(x.rows().size()), context);
  }

 private:
  // v + sum_i s_i (x_i - v): all weights of v shrink by 1 - sum_i s_i.
  void move(const AffineSpan& span, std::vector<double>& weights) const {
    std::vector<double> steps = span.distances(weights);
    const auto n = static_cast<double>(steps.size());
    double total = 0.0;
    for (double& step : steps) {
      step = (step > options_.tau ? options_.tau / step : 1.0) / n;
      total += step;
    }
    for (double& weight : weights) weight *= std::max(0.0, 1.0 - total);
    for (std::size_t i = 0; i < steps.size(); ++i) weights[i] += steps[i];
  }

  CenteredClippingOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const CenteredClippingOptions& options) {
  return std::make_unique<CenteredClipping>(options);
}

}  // namespace hearsay

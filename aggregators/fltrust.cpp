#include "aggregators/fltrust.hpp"

#include <algorithm>
#include <cmath>

#include "aggregators/gram.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class Fltrust final : public WeightingRule {
 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const SquareMatrix gram = gram_matrix(x.rows(), {});
    const std::size_t own = x.own();
    std::vector<double> weights(gram.size(), 0.0);
    double total = 1.0;
    for (std::size_t i = 0; i < gram.size(); ++i) {
      const double norms = std::sqrt(gram(i, i)) * std::sqrt(gram(own, own));
      if (i == own || norms == 0.0) continue;
      const double trust = std::max(0.0, gram(i, own) / norms);
      total += trust;
      weights[i] = trust * std::sqrt(gram(own, own)) / std::sqrt(gram(i, i));
    }
    weights[own] = 1.0;
    for (double& weight : weights) weight /= total;
    return weights;
  }
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const FltrustOptions&) {
  return std::make_unique<Fltrust>();
}

}  // namespace hearsay

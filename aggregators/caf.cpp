#include "aggregators/caf.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

// False if nothing varies.
bool discount(std::span<const double> projections, std::span<double> c) {
  double largest = 0.0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c[i] > 0.0) largest = std::max(largest, projections[i] * projections[i]);
  }
  if (largest == 0.0) return false;
  for (std::size_t i = 0; i < c.size(); ++i) {
    c[i] *= std::max(0.0, 1.0 - projections[i] * projections[i] / largest);
  }
  return true;
}

class Caf final : public WeightingRule {
 public:
  explicit Caf(const CafOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("caf", inputs, options_.f, "2f + 1", 2 * options_.f + 1);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const CovarianceSpectrum spectrum(x, options_.direction);
    const double least_total = x.size() - 2.0 * options_.f;
    std::vector<double> c(x.rows().size(), 1.0);
    std::vector<double> best = c;
    double least = std::numeric_limits<double>::infinity();
    while (std::accumulate(c.begin(), c.end(), 0.0) > least_total) {
      const Variation variation = spectrum.leading(c);
      if (variation.value < least) {
        least = variation.value;
        best = c;
      }
      if (!discount(variation.projections, c)) break;
    }
    const double total = std::accumulate(best.begin(), best.end(), 0.0);
    for (double& weight : best) weight /= total;
    return best;
  }

  CafOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const CafOptions& options) {
  return std::make_unique<Caf>(options);
}

}  // namespace hearsay

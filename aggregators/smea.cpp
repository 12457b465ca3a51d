#include "aggregators/smea.hpp"

#include <limits>
#include <numeric>

#include "aggregators/subsets.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class Smea final : public WeightingRule {
 public:
  explicit Smea(const SmeaOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return subsets_infeasible("smea", inputs, options_.f, options_.max_subsets);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const CovarianceSpectrum spectrum(x, options_.direction);
    std::vector<std::size_t> subset(x.rows().size() - static_cast<std::size_t>(options_.f));
    std::iota(subset.begin(), subset.end(), std::size_t{0});
    std::vector<std::size_t> best = subset;
    double least = std::numeric_limits<double>::infinity();
    do {
      const double value = spectrum.leading(mean_weights(x.rows().size(), subset)).value;
      if (value < least) {
        least = value;
        best = subset;
      }
    } while (next_subset(subset, x.rows().size()));
    return mean_weights(x.rows().size(), best);
  }

  SmeaOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const SmeaOptions& options) {
  return std::make_unique<Smea>(options);
}

}  // namespace hearsay

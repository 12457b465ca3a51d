#include "aggregators/multi_krum.hpp"

#include <algorithm>

#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class MultiKrum final : public WeightingRule {
 public:
  explicit MultiKrum(const MultiKrumOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return krum_infeasible("multi_krum", inputs, options_.f, options_.convention);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const std::vector<double> scores = krum_scores(x, options_.f, options_.convention);
    const int m = options_.m == 0 ? x.size() - options_.f : std::min(options_.m, x.size());
    return mean_weights(scores.size(), smallest(scores, static_cast<std::size_t>(m)));
  }

  MultiKrumOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const MultiKrumOptions& options) {
  return std::make_unique<MultiKrum>(options);
}

}  // namespace hearsay

#include "aggregators/krum.hpp"

#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class Krum final : public WeightingRule {
 public:
  explicit Krum(const KrumOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return krum_infeasible("krum", inputs, options_.f, options_.convention);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const std::vector<double> scores = krum_scores(x, options_.f, options_.convention);
    return mean_weights(scores.size(), smallest(scores, 1));
  }

  KrumOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const KrumOptions& options) {
  return std::make_unique<Krum>(options);
}

}  // namespace hearsay

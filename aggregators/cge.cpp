#include "aggregators/cge.hpp"

#include "aggregators/gram.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class Cge final : public WeightingRule {
 public:
  explicit Cge(const CgeOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("cge", inputs, options_.f, "2f + 1", 2 * options_.f + 1);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    return mean_weights(x.rows().size(),
                        smallest(squared_distances_from(x.rows(), {}),
                                 x.rows().size() - static_cast<std::size_t>(options_.f)));
  }

  CgeOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const CgeOptions& options) {
  return std::make_unique<Cge>(options);
}

}  // namespace hearsay

#include "aggregators/aksel.hpp"

#include "aggregators/gram.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class Aksel final : public WeightingRule {
 public:
  explicit Aksel(const AkselOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("aksel", inputs, options_.f, "2f + 1", 2 * options_.f + 1);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const Rows rows = x.rows();
    std::vector<float> median(rows.front().size());
    coordinate_median(rows, median);
    const bool half = options_.keep == AkselOptions::Keep::kHalf;
    const std::size_t kept =
        half ? (rows.size() + 1) / 2 : rows.size() - static_cast<std::size_t>(options_.f);
    return mean_weights(rows.size(), smallest(squared_distances_from(rows, median), kept));
  }

  AkselOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const AkselOptions& options) {
  return std::make_unique<Aksel>(options);
}

}  // namespace hearsay

#include "aggregators/pre/arc.hpp"

#include <algorithm>
#include <functional>

#include "aggregators/norms.hpp"
#include "aggregators/pre/clipped_inputs.hpp"

namespace hearsay {
namespace {

class Arc final : public PreAggregator {
 public:
  explicit Arc(const ArcOptions& options) : options_(options) {}

  std::vector<Mixture> mix(const InputVectors& x, const AggregationContext&) const override {
    const std::vector<double> norms = norms_of(x.rows());
    std::vector<double> descending = norms;
    std::ranges::sort(descending, std::greater());
    const int n = x.size();
    const int k = 2 * options_.f * (n - options_.f) / n;
    return clipped_inputs(norms, descending[static_cast<std::size_t>(k)]);
  }

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("arc", inputs, options_.f, "2f + 1", 2 * options_.f + 1);
  }

 private:
  ArcOptions options_;
};

}  // namespace

std::unique_ptr<PreAggregator> make_pre_aggregator(const ArcOptions& options) {
  return std::make_unique<Arc>(options);
}

}  // namespace hearsay

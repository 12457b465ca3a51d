#include "aggregators/pre/nnm.hpp"

#include "aggregators/gram.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class Nnm final : public PreAggregator {
 public:
  explicit Nnm(const NnmOptions& options) : options_(options) {}

  std::vector<Mixture> mix(const InputVectors& x, const AggregationContext&) const override {
    const std::size_t n = x.rows().size();
    const SquareMatrix distances = squared_distances(gram_matrix(x.rows(), x.rows()[x.own()]));
    std::vector<Mixture> mixtures;
    for (std::size_t i = 0; i < n; ++i) {
      const auto from_i = std::span(distances.data() + i * n, n);
      const auto nearest = smallest(from_i, n - static_cast<std::size_t>(options_.f));
      mixtures.push_back({.members = {i}, .weights = mean_weights(n, nearest)});
    }
    return mixtures;
  }

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("nnm", inputs, options_.f, "2f + 1", 2 * options_.f + 1);
  }

 private:
  NnmOptions options_;
};

}  // namespace

std::unique_ptr<PreAggregator> make_pre_aggregator(const NnmOptions& options) {
  return std::make_unique<Nnm>(options);
}

}  // namespace hearsay

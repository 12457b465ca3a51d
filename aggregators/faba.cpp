#include "aggregators/faba.hpp"

#include <numeric>

#include "aggregators/gram.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

// ||x_i - mean||^2 is the mean of the squared distances from x_i to all, less a constant.
std::size_t farthest_from_mean(const SquareMatrix& distances, std::span<const std::size_t> left) {
  std::size_t farthest = 0;
  double largest = -1.0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    double sum = 0.0;
    for (const std::size_t j : left) sum += distances(left[i], j);
    if (sum > largest) {
      largest = sum;
      farthest = i;
    }
  }
  return farthest;
}

class Faba final : public WeightingRule {
 public:
  explicit Faba(const FabaOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("faba", inputs, options_.f, "2f + 1", 2 * options_.f + 1);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const SquareMatrix distances = squared_distances(gram_matrix(x.rows(), x.rows()[x.own()]));
    std::vector<std::size_t> left(distances.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    for (int k = 0; k < options_.f; ++k) {
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(farthest_from_mean(distances, left)));
    }
    return mean_weights(distances.size(), left);
  }

  FabaOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const FabaOptions& options) {
  return std::make_unique<Faba>(options);
}

}  // namespace hearsay

#include "aggregators/mda.hpp"

#include <algorithm>
#include <limits>

#include "aggregators/gram.hpp"
#include "aggregators/subsets.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

class LeastDiameter {
 public:
  LeastDiameter(const SquareMatrix& distances, std::size_t size)
      : distances_(distances), size_(size) {}

  std::vector<std::size_t> find() {
    extend(0, 0.0);
    return best_;
  }

 private:
  // All ways to complete the subset with rows from `next` on.
  void extend(std::size_t next, double diameter) {
    if (subset_.size() == size_) {
      least_ = diameter;
      best_ = subset_;
      return;
    }
    const std::size_t missing = size_ - subset_.size();
    for (std::size_t i = next; i + missing <= distances_.size(); ++i) {
      double wider = diameter;
      for (const std::size_t j : subset_) wider = std::max(wider, distances_(i, j));
      if (!(wider < least_)) continue;
      subset_.push_back(i);
      extend(i + 1, wider);
      subset_.pop_back();
    }
  }

  const SquareMatrix& distances_;
  std::size_t size_;
  std::vector<std::size_t> subset_;
  std::vector<std::size_t> best_;
  double least_ = std::numeric_limits<double>::infinity();
};

class Mda final : public WeightingRule {
 public:
  explicit Mda(const MdaOptions& options) : options_(options) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return subsets_infeasible("mda", inputs, options_.f, options_.max_subsets);
  }

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const SquareMatrix distances = squared_distances(gram_matrix(x.rows(), x.rows()[x.own()]));
    const auto size = static_cast<std::size_t>(x.size() - options_.f);
    return mean_weights(distances.size(), LeastDiameter(distances, size).find());
  }

  MdaOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const MdaOptions& options) {
  return std::make_unique<Mda>(options);
}

}  // namespace hearsay

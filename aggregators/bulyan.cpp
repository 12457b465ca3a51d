#include "aggregators/bulyan.hpp"

#include <algorithm>

#include "aggregators/gram.hpp"
#include "aggregators/krum_scores.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

SquareMatrix submatrix(const SquareMatrix& matrix, std::span<const std::size_t> members) {
  SquareMatrix part(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = 0; j < members.size(); ++j) part(i, j) = matrix(members[i], members[j]);
  }
  return part;
}

// Rows in ascending order.
std::vector<std::size_t> select(const SquareMatrix& distances, int f) {
  std::vector<std::size_t> left(distances.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  std::vector<std::size_t> selection;
  const std::size_t theta = distances.size() - 2 * static_cast<std::size_t>(f);
  while (selection.size() < theta) {
    const auto r = static_cast<int>(left.size());
    const int neighbors = std::min(r - 1, std::max(1, r - f - 2));
    const auto best = smallest(krum_scores(submatrix(distances, left), neighbors, true), 1)[0];
    selection.push_back(left[best]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  std::ranges::sort(selection);
  return selection;
}

class Bulyan final : public Aggregator {
 public:
  explicit Bulyan(int f) : f_(f) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    if (input.received.empty()) {
      std::ranges::copy(input.own, result.begin());
      return;
    }
    const InputVectors x(input, context);
    const auto selection = select(squared_distances(gram_matrix(x.rows(), input.own)), f_);
    std::vector<std::span<const float>> selected;
    for (const std::size_t i : selection) selected.push_back(x.rows()[i]);
    const auto theta = static_cast<int>(selected.size());
    const int beta = theta - 2 * f_;
    coordinate_nearest_mean(selected, median_ranks(theta), beta, TieOrder::kEarlierRows, result);
    if (context.report != nullptr) report(x, selection, selected, context);
  }

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("bulyan", inputs, f_, "4f + 3", 4 * f_ + 3);
  }

 private:
  void report(const InputVectors& x, std::span<const std::size_t> selection, Rows selected,
              const AggregationContext& context) const {
    std::vector<float> center(selected.front().size());
    coordinate_median(selected, center);
    std::vector<double> weights(selected.size(), 0.0);
    const int beta = static_cast<int>(selected.size()) - 2 * f_;
    std::fill_n(weights.begin(), beta, 1.0 / beta);
    const std::vector<double> of_selected = coordinate_shares(selected, center, weights);
    std::vector<double> shares(x.rows().size(), 0.0);
    for (std::size_t i = 0; i < selection.size(); ++i) shares[selection[i]] = of_selected[i];
    x.report(shares, context);
  }

  int f_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const BulyanOptions& options) {
  return std::make_unique<Bulyan>(options.f);
}

}  // namespace hearsay

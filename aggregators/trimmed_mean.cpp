#include "aggregators/trimmed_mean.hpp"

#include <algorithm>

#include "aggregators/coordinate_rule.hpp"

namespace hearsay {
namespace {

class TrimmedMean final : public CoordinateRule {
 public:
  explicit TrimmedMean(int f) : f_(f) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("trimmed_mean", inputs, f_, "2f + 1", 2 * f_ + 1);
  }

 private:
  void combine(Rows rows, std::span<float> result) const override {
    coordinate_rank_mean(rows, {f_, static_cast<int>(rows.size()) - f_}, result);
  }

  std::vector<double> shares(Rows rows) const override {
    std::vector<double> weights(rows.size(), 0.0);
    const auto kept = static_cast<double>(static_cast<int>(rows.size()) - 2 * f_);
    std::fill(weights.begin() + f_, weights.end() - f_, 1.0 / kept);
    return coordinate_shares(rows, {}, weights);
  }

  int f_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const TrimmedMeanOptions& options) {
  return std::make_unique<TrimmedMean>(options.f);
}

}  // namespace hearsay

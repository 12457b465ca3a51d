#include "aggregators/phocas.hpp"

#include <algorithm>

#include "aggregators/coordinate_rule.hpp"

namespace hearsay {
namespace {

class Phocas final : public CoordinateRule {
 public:
  explicit Phocas(int f) : f_(f) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("phocas", inputs, f_, "2f + 1", 2 * f_ + 1);
  }

 private:
  void combine(Rows rows, std::span<float> result) const override {
    const auto n = static_cast<int>(rows.size());
    coordinate_nearest_mean(rows, {f_, n - f_}, n - f_, TieOrder::kEarlierRows, result);
  }

  std::vector<double> shares(Rows rows) const override {
    std::vector<float> center(rows.front().size());
    coordinate_rank_mean(rows, {f_, static_cast<int>(rows.size()) - f_}, center);
    const int kept = static_cast<int>(rows.size()) - f_;
    std::vector<double> weights(rows.size(), 0.0);
    std::fill_n(weights.begin(), kept, 1.0 / kept);
    return coordinate_shares(rows, center, weights);
  }

  int f_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const PhocasOptions& options) {
  return std::make_unique<Phocas>(options.f);
}

}  // namespace hearsay

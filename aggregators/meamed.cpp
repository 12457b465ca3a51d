#include "aggregators/meamed.hpp"

#include <algorithm>

#include "aggregators/coordinate_rule.hpp"

namespace hearsay {
namespace {

class Meamed final : public CoordinateRule {
 public:
  explicit Meamed(const MeamedOptions& options)
      : f_(options.f),
        ties_(options.ties == MeamedOptions::Ties::kByzfl ? TieOrder::kNumpy
                                                          : TieOrder::kEarlierRows) {}

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs("meamed", inputs, f_, "2f + 1", 2 * f_ + 1);
  }

 private:
  void combine(Rows rows, std::span<float> result) const override {
    const auto n = static_cast<int>(rows.size());
    coordinate_nearest_mean(rows, median_ranks(n), n - f_, ties_, result);
  }

  std::vector<double> shares(Rows rows) const override {
    std::vector<float> center(rows.front().size());
    coordinate_median(rows, center);
    const int kept = static_cast<int>(rows.size()) - f_;
    std::vector<double> weights(rows.size(), 0.0);
    std::fill_n(weights.begin(), kept, 1.0 / kept);
    return coordinate_shares(rows, center, weights);
  }

  int f_;
  TieOrder ties_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const MeamedOptions& options) {
  return std::make_unique<Meamed>(options);
}

}  // namespace hearsay

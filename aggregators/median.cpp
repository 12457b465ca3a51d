#include "aggregators/median.hpp"

#include "aggregators/coordinate_rule.hpp"

namespace hearsay {
namespace {

class Median final : public CoordinateRule {
 private:
  void combine(Rows rows, std::span<float> result) const override {
    coordinate_median(rows, result);
  }

  std::vector<double> shares(Rows rows) const override {
    std::vector<double> weights(rows.size(), 0.0);
    weights[(rows.size() - 1) / 2] += 0.5;
    weights[rows.size() / 2] += 0.5;
    return coordinate_shares(rows, {}, weights);
  }
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const MedianOptions&) {
  return std::make_unique<Median>();
}

}  // namespace hearsay

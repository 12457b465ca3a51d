#include "aggregators/bridge.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "aggregators/bulyan.hpp"
#include "aggregators/coordinate_kernels.hpp"
#include "aggregators/input_vectors.hpp"
#include "aggregators/krum.hpp"
#include "aggregators/median.hpp"

namespace hearsay {
namespace {

class BridgeT final : public Aggregator {
 public:
  explicit BridgeT(int f) : f_(f) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<std::span<const float>> neighbors;
    for (const ReceivedModel& model : input.received) neighbors.push_back(model.values);
    if (neighbors.empty()) {
      std::ranges::copy(input.own, result.begin());
      return;
    }
    const int count = static_cast<int>(neighbors.size());
    coordinate_rank_mean(neighbors, {f_, count - f_}, result);
    const float kept = static_cast<float>(count - 2 * f_);
    const float own_part = 1.0F / (kept + 1.0F);
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = result[i] + own_part * (input.own[i] - result[i]);
    }
    if (context.report == nullptr) return;
    std::vector<double> ranks(neighbors.size());
    std::fill(ranks.begin() + f_, ranks.end() - f_, 1.0 / static_cast<double>(count - 2 * f_ + 1));
    context.report->influence = coordinate_shares(neighbors, {}, ranks);
  }

  std::optional<std::string> infeasible(int inputs) const override {
    return too_few_inputs(BridgeOptions::kKind, inputs, f_, "2f + 2", 2 * f_ + 2);
  }

 private:
  int f_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const BridgeOptions& options) {
  switch (options.screening) {
    case BridgeOptions::Screening::kMedian:
      return make_aggregator(MedianOptions{});
    case BridgeOptions::Screening::kKrum:
      return make_aggregator(KrumOptions{.f = options.f});
    case BridgeOptions::Screening::kBulyan:
      return make_aggregator(BulyanOptions{.f = options.f});
    case BridgeOptions::Screening::kTrimmedMean:
      break;
  }
  return std::make_unique<BridgeT>(options.f);
}

}  // namespace hearsay

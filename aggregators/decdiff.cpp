#include "aggregators/decdiff.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "aggregators/neighborhood.hpp"
#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

class Decdiff final : public Aggregator {
 public:
  explicit Decdiff(const DecdiffOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<double> shares = sample_shares(input.received);
    if (shares.empty()) {
      step_from_own(input, std::vector<double>(input.received.size()), context, result);
      return;
    }
    std::vector<WeightedVector> terms;
    for (std::size_t j = 0; j < shares.size(); ++j) {
      terms.push_back({static_cast<float>(shares[j]), input.received[j].values});
    }
    linear_combination(terms, result);
    const double moved = options_.norm == DecdiffOptions::Norm::kModel
                             ? step(input.own, result)
                             : step_by_tensor(input.own, context.layout, result);
    if (context.report == nullptr) return;
    for (double& share : shares) share *= moved;
    context.report->influence = std::move(shares);
  }

 private:
  /// Moves `average` back to the step's end; returns the step's part of the difference.
  double step(std::span<const float> own, std::span<float> average) const {
    const WeightedVector center{1.0F, own};
    const std::span<const float> end = average;
    const double square = squared_distances(std::span(&center, 1), std::span(&end, 1))[0];
    const double part = 1.0 / (std::sqrt(square) + options_.s);
    const auto factor = static_cast<float>(part);
    for (std::size_t i = 0; i < own.size(); ++i) {
      average[i] = own[i] + factor * (average[i] - own[i]);
    }
    return part;
  }

  double step_by_tensor(std::span<const float> own, const ParameterLayout& layout,
                        std::span<float> average) const {
    double moved = 0.0;
    for (const TensorSlot& tensor : layout.tensors()) {
      const double part = step(own.subspan(tensor.offset, tensor.size),
                               average.subspan(tensor.offset, tensor.size));
      moved += part * static_cast<double>(tensor.size) / static_cast<double>(layout.size());
    }
    return moved;
  }

  DecdiffOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const DecdiffOptions& options) {
  return std::make_unique<Decdiff>(options);
}

}  // namespace hearsay

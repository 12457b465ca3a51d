#include "aggregators/clipped_gossip.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "aggregators/input_vectors.hpp"
#include "aggregators/neighborhood.hpp"

namespace hearsay {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

/// Weights that should sum to a bound do so but for rounding.
constexpr double kRounding = 1e-12;

double radius(const FixedRadius& options, const AggregationInput&, const AggregationContext&,
              std::span<const double>) {
  return options.tau;
}

double radius(const SecondLargestRadius&, const AggregationInput&, const AggregationContext&,
              std::span<const double> distances) {
  std::vector<double> sorted(distances.begin(), distances.end());
  std::ranges::sort(sorted, std::greater{});
  return sorted.size() == 1 ? sorted[0] : sorted[1];
}

double radius(const AdaptiveRadius& options, const AggregationInput& input,
              const AggregationContext&, std::span<const double> distances) {
  const double delta = largest_weights(input.received, options.f);
  if (delta == 0.0) return kNoLimit;
  double weight = 1.0;
  for (const ReceivedModel& model : input.received) weight -= model.weight;
  double sum = 0.0;
  for (const std::size_t j : nearest_first(distances)) {
    if (weight >= 1.0 - delta - kRounding) break;
    weight += input.received[j].weight;
    sum += input.received[j].weight * distances[j] * distances[j];
  }
  return std::sqrt(sum / delta);
}

double radius(const OracleRadius&, const AggregationInput& input, const AggregationContext& context,
              std::span<const double> distances) {
  double honest = 0.0;
  double attacking = 0.0;
  for (std::size_t j = 0; j < distances.size(); ++j) {
    const ReceivedModel& model = input.received[j];
    if (std::ranges::binary_search(context.attackers, model.sender)) {
      attacking += model.weight;
    } else {
      honest += model.weight * distances[j] * distances[j];
    }
  }
  return attacking == 0.0 ? kNoLimit : std::sqrt(honest / attacking);
}

class ClippedGossip final : public Aggregator {
 public:
  explicit ClippedGossip(const ClippedGossipOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<double> weights;
    weights.reserve(input.received.size());
    if (!input.received.empty()) {
      const std::vector<double> distances = distances_from_own(input);
      const double tau =
          std::visit([&](const auto& chosen) { return radius(chosen, input, context, distances); },
                     options_.radius);
      for (std::size_t j = 0; j < distances.size(); ++j) {
        weights.push_back(input.received[j].weight * clip_factor(distances[j], tau));
      }
    }
    step_from_own(input, weights, context, result);
  }

  std::optional<std::string> infeasible(int inputs) const override {
    const auto* const adaptive = std::get_if<AdaptiveRadius>(&options_.radius);
    if (adaptive == nullptr) return std::nullopt;
    return too_few_inputs(ClippedGossipOptions::kKind, inputs, adaptive->f, "2f + 1",
                          2 * adaptive->f + 1);
  }

 private:
  ClippedGossipOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const ClippedGossipOptions& options) {
  return std::make_unique<ClippedGossip>(options);
}

}  // namespace hearsay

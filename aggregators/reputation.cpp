#include "aggregators/reputation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "aggregators/neighborhood.hpp"
#include "aggregators/vector_kernels.hpp"
#include "node/base/archive.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

/// Experience with every peer ever heard: good and bad (beta), or score and nothing (direct).
struct Experience final : AggregatorState {
  void persist(Archive& archive) override {
    archive.mark("reputation");
    archive(of);
  }

  std::map<PeerId, std::pair<double, double>> of;
};

std::vector<double> rank_qualities(std::span<const double> distances) {
  std::vector<double> sorted(distances.begin(), distances.end());
  std::ranges::sort(sorted);
  std::vector<double> qualities;
  for (const double distance : distances) {
    const auto nearer =
        static_cast<double>(std::ranges::lower_bound(sorted, distance) - sorted.begin());
    const auto others = static_cast<double>(sorted.size() - 1);
    qualities.push_back(sorted.size() == 1 ? 1.0 : 1.0 - nearer / others);
  }
  return qualities;
}

/// By the law of cosines, from the sides of the triangles with corners previous, own, x_j.
std::vector<double> cosine_qualities(const AggregationInput& input,
                                     std::span<const double> distances) {
  std::vector<std::span<const float>> models{input.own};
  for (const ReceivedModel& model : input.received) models.push_back(model.values);
  const WeightedVector previous{1.0F, input.previous};
  const std::vector<double> squares = squared_distances(std::span(&previous, 1), models);
  std::vector<double> qualities;
  for (std::size_t j = 0; j < distances.size(); ++j) {
    const double product = (squares[0] + squares[j + 1] - distances[j] * distances[j]) / 2.0;
    const double lengths = std::sqrt(squares[0]) * std::sqrt(squares[j + 1]);
    qualities.push_back(lengths == 0.0 ? 0.0 : std::clamp(product / lengths, 0.0, 1.0));
  }
  return qualities;
}

std::vector<double> loss_qualities(const AggregationInput& input, ModelOracle& oracle,
                                   double temperature, std::span<float> scratch) {
  const double own = oracle.loss(input.own);
  std::vector<double> qualities;
  for (const ReceivedModel& model : input.received) {
    const std::vector<WeightedVector> halves{{0.5F, input.own}, {0.5F, model.values}};
    linear_combination(halves, scratch);
    const double gain = own - oracle.loss(scratch);
    qualities.push_back(std::isnan(gain) ? 0.0 : 1.0 / (1.0 + std::exp(-gain / temperature)));
  }
  return qualities;
}

class Reputation final : public Aggregator {
 public:
  explicit Reputation(const ReputationOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    HEARSAY_CHECK(context.state != nullptr);
    const std::vector<double> distances = distances_from_own(input);
    learn(input, qualities(input, context, distances, result),
          static_cast<Experience&>(*context.state));
    std::vector<double> weights = trusted_weights(input, static_cast<Experience&>(*context.state));
    const double tau = options_.tau.value_or(std::numeric_limits<double>::infinity());
    for (std::size_t j = 0; j < weights.size(); ++j) weights[j] *= clip_factor(distances[j], tau);
    step_from_own(input, weights, context, result);
  }

  bool needs_previous() const override {
    return options_.quality == ReputationOptions::Quality::kCosine;
  }
  bool needs_oracle() const override {
    return options_.quality == ReputationOptions::Quality::kLoss;
  }
  std::unique_ptr<AggregatorState> make_state() const override {
    return std::make_unique<Experience>();
  }

 private:
  std::vector<double> qualities(const AggregationInput& input, const AggregationContext& context,
                                std::span<const double> distances, std::span<float> scratch) const {
    switch (options_.quality) {
      case ReputationOptions::Quality::kCosine:
        return cosine_qualities(input, distances);
      case ReputationOptions::Quality::kLoss:
        HEARSAY_CHECK(context.oracle != nullptr);
        return loss_qualities(input, *context.oracle, options_.temperature, scratch);
      case ReputationOptions::Quality::kRank:
        break;
    }
    return rank_qualities(distances);
  }

  void learn(const AggregationInput& input, std::span<const double> qualities,
             Experience& experience) const {
    const bool direct = options_.trust == ReputationOptions::Trust::kDirect;
    const std::pair<double, double> unknown{direct ? options_.newcomer : 0.0, 0.0};
    for (std::size_t j = 0; j < qualities.size(); ++j) {
      auto& [good, bad] =
          experience.of.try_emplace(input.received[j].sender, unknown).first->second;
      const double share = direct ? 1.0 - options_.memory : 1.0;
      good = options_.memory * good + share * qualities[j];
      bad = direct ? 0.0 : options_.memory * bad + 1.0 - qualities[j];
    }
  }

  double trust(const std::pair<double, double>& record) const {
    if (options_.trust == ReputationOptions::Trust::kDirect) return record.first;
    return (record.first + 1.0) / (record.first + record.second + 2.0);
  }

  std::vector<double> trusted_weights(const AggregationInput& input,
                                      const Experience& experience) const {
    double mixed = 0.0;
    double trusted = 0.0;
    std::vector<double> weights;
    for (const ReceivedModel& model : input.received) {
      const double factor = std::pow(trust(experience.of.at(model.sender)), options_.exponent);
      mixed += model.weight;
      weights.push_back(model.weight * factor);
      trusted += weights.back();
    }
    if (trusted == 0.0) return std::vector<double>(weights.size());
    double scale = mixed / trusted;
    if (mixed > 1.0 - options_.own_weight) scale *= (1.0 - options_.own_weight) / mixed;
    for (double& weight : weights) weight *= scale;
    return weights;
  }

  ReputationOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const ReputationOptions& options) {
  return std::make_unique<Reputation>(options);
}

}  // namespace hearsay

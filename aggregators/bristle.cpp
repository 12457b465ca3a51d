#include "aggregators/bristle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "aggregators/bristle_weights.hpp"
#include "aggregators/output_layer.hpp"
#include "aggregators/vector_kernels.hpp"
#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

/// What an aggregation works on.
struct Heads {
  OutputLayer head;
  std::span<const float> own;                ///< Whole model.
  std::vector<bool> familiar;                ///< By class.
  std::vector<std::span<const float>> kept;  ///< Whole models.
  std::vector<BristleWeights> weights;       ///< Parallel to kept.
  double own_weight = 1.0;                   ///< s_i
};

/// w_jc of all kept models.
std::vector<double> class_weights(const Heads& heads, std::size_t c) {
  const auto place = static_cast<std::size_t>(std::count(
      heads.familiar.begin(), heads.familiar.begin() + static_cast<std::ptrdiff_t>(c), true));
  std::vector<double> weights;
  for (const BristleWeights& given : heads.weights) {
    weights.push_back(heads.familiar[c] ? given.familiar[place] : given.foreign);
  }
  return weights;
}

/// The entries [first, first + size) of the own and the kept models, combined.
void mix_range(const Heads& heads, std::span<const double> weights, double total, std::size_t first,
               std::size_t size, std::span<float> result) {
  std::vector<WeightedVector> terms{
      {static_cast<float>(heads.own_weight / total), heads.own.subspan(first, size)}};
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (weights[j] == 0.0) continue;
    terms.push_back({static_cast<float>(weights[j] / total), heads.kept[j].subspan(first, size)});
  }
  linear_combination(terms, result.subspan(first, size));
}

void center(std::span<float> row) {
  const double mean = moments(row).mean;
  for (float& value : row) value = static_cast<float>(static_cast<double>(value) - mean);
}

class Bristle final : public Aggregator {
 public:
  explicit Bristle(const BristleOptions& options) : options_(options) {}

  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::ranges::copy(input.own, result.begin());
    if (context.report != nullptr) context.report->influence.assign(input.received.size(), 0.0);
    if (input.received.empty()) return;
    HEARSAY_CHECK(context.oracle != nullptr);
    const OutputLayer head = find_output_layer(context.layout, BristleOptions::kKind);
    const std::vector<std::size_t> kept = prioritize(input, context, head);
    const Heads heads = try_heads(input, context, head, kept);
    if (heads.weights.empty()) return;
    integrate(heads, kept, context, result);
  }

  bool needs_oracle() const override { return true; }

 private:
  std::vector<std::size_t> prioritize(const AggregationInput& input,
                                      const AggregationContext& context,
                                      const OutputLayer& head) const {
    std::vector<std::span<const float>> others;
    for (const ReceivedModel& model : input.received) others.push_back(head.of(model.values));
    const WeightedVector own{1.0F, head.of(input.own)};
    std::vector<double> distances = squared_distances(std::span(&own, 1), others);
    return bristle_prioritize(distances, options_, context.rng());
  }

  /// No weights if no class is familiar: then nothing can be told of any model.
  Heads try_heads(const AggregationInput& input, const AggregationContext& context,
                  const OutputLayer& head, std::span<const std::size_t> kept) const {
    Heads heads{.head = head, .own = input.own};
    const std::vector<ClassScore> scores = context.oracle->class_scores(input.own);
    if (scores.size() != head.classes) {
      throw UserError("aggregator.kind: bristle needs an output layer with one row per class: " +
                      std::to_string(head.classes) + " rows, " + std::to_string(scores.size()) +
                      " classes");
    }
    for (const ClassScore& score : scores) heads.familiar.push_back(score.samples > 0);
    const std::vector<double> own = familiar_scores(scores);
    if (own.empty()) return heads;
    if (options_.integrator == BristleOptions::Integrator::kFelmDa) {
      const double least = 1.0 / static_cast<double>(std::max<std::size_t>(1, kept.size()));
      heads.own_weight = bristle_certainty(own, options_.phi, least);
    }
    std::vector<float> composed(input.own.begin(), input.own.end());
    for (const std::size_t j : kept) {
      heads.kept.push_back(input.received[j].values);
      std::ranges::copy(head.of(heads.kept.back()), head.of(std::span(composed)).begin());
      const std::vector<double> other = familiar_scores(context.oracle->class_scores(composed));
      heads.weights.push_back(bristle_weights(own, other, kept.size(), options_));
    }
    return heads;
  }

  void integrate(const Heads& heads, std::span<const std::size_t> kept,
                 const AggregationContext& context, std::span<float> result) const {
    const OutputLayer& head = heads.head;
    const std::size_t row_size = head.features + (head.has_bias ? 1 : 0);
    for (std::size_t c = 0; c < head.classes; ++c) {
      const std::vector<double> weights = class_weights(heads, c);
      double total = heads.own_weight;
      for (const double weight : weights) total += weight;
      const std::size_t row = head.offset + c * head.features;
      mix_range(heads, weights, total, row, head.features, result);
      if (options_.center) center(result.subspan(row, head.features));
      if (head.has_bias) {
        const std::size_t bias = head.offset + head.classes * head.features + c;
        mix_range(heads, weights, total, bias, 1, result);
      }
      if (context.report == nullptr) continue;
      const double share = static_cast<double>(row_size) / static_cast<double>(result.size());
      for (std::size_t j = 0; j < kept.size(); ++j) {
        context.report->influence[kept[j]] += share * weights[j] / total;
      }
    }
  }

  BristleOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const BristleOptions& options) {
  return std::make_unique<Bristle>(options);
}

}  // namespace hearsay

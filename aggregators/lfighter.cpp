#include "aggregators/lfighter.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "aggregators/neighborhood.hpp"
#include "aggregators/output_layer.hpp"
#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

using Vectors = std::vector<std::vector<float>>;

constexpr int kMostMoves = 100;

double square_distance(std::span<const float> a, std::span<const float> b) {
  const WeightedVector center{1.0F, a};
  return squared_distances(std::span(&center, 1), std::span(&b, 1))[0];
}

double length(std::span<const float> vector) { return std::sqrt(inner_product(vector, vector)); }

/// The two classes that change most, the lower one first.
std::vector<std::size_t> changed_classes(const OutputLayer& layer,
                                         std::span<const std::span<const float>> updates) {
  std::vector<double> change(layer.classes);
  for (const std::span<const float> update : updates) {
    const std::span<const float> head = layer.of(update);
    for (std::size_t c = 0; c < layer.classes; ++c) {
      change[c] += length(head.subspan(c * layer.features, layer.features));
      if (layer.has_bias) {
        change[c] += std::abs(static_cast<double>(head[layer.classes * layer.features + c]));
      }
    }
  }
  for (double& each : change) each = -each;
  std::vector<std::size_t> classes = nearest_first(change);
  classes.resize(std::min<std::size_t>(2, classes.size()));
  std::ranges::sort(classes);
  return classes;
}

Vectors class_rows(const OutputLayer& layer, std::span<const std::size_t> classes,
                   std::span<const std::span<const float>> updates) {
  Vectors rows;
  for (const std::span<const float> update : updates) {
    rows.emplace_back();
    for (const std::size_t c : classes) {
      const auto row = layer.of(update).subspan(c * layer.features, layer.features);
      rows.back().insert(rows.back().end(), row.begin(), row.end());
    }
  }
  return rows;
}

std::pair<std::size_t, std::size_t> farthest_pair(const Vectors& points) {
  std::pair<std::size_t, std::size_t> pair{0, 0};
  double most = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t k = i + 1; k < points.size(); ++k) {
      const double distance = square_distance(points[i], points[k]);
      if (distance <= most) continue;
      most = distance;
      pair = {i, k};
    }
  }
  return pair;
}

std::vector<float> mean_of(const Vectors& points, const std::vector<bool>& in_second, bool second) {
  std::vector<WeightedVector> terms;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (in_second[i] == second) terms.push_back({0.0F, points[i]});
  }
  for (WeightedVector& term : terms) term.weight = 1.0F / static_cast<float>(terms.size());
  std::vector<float> mean(points[0].size());
  linear_combination(terms, mean);
  return mean;
}

/// Whether each point is in the second cluster. Neither cluster is empty: a center is the mean
/// of its points, so that some of them stay with it.
std::vector<bool> two_means(const Vectors& points, std::pair<std::size_t, std::size_t> start) {
  std::vector<float> first = points[start.first];
  std::vector<float> second = points[start.second];
  std::vector<bool> in_second(points.size());
  for (int move = 0; move < kMostMoves; ++move) {
    std::vector<bool> next(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      next[i] = square_distance(second, points[i]) < square_distance(first, points[i]);
    }
    const auto seconds = std::ranges::count(next, true);
    if ((move > 0 && next == in_second) || seconds == 0 || seconds == std::ssize(next)) break;
    in_second = next;
    first = mean_of(points, in_second, false);
    second = mean_of(points, in_second, true);
  }
  return in_second;
}

double sparsity(const Vectors& points, const std::vector<bool>& in_second, bool second) {
  double sum = 0.0;
  double count = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (in_second[i] != second) continue;
    double least = 0.0;
    for (std::size_t k = 0; k < points.size(); ++k) {
      if (k == i || in_second[k] != second) continue;
      const double lengths = length(points[i]) * length(points[k]);
      const double cosine = lengths == 0.0 ? 0.0 : inner_product(points[i], points[k]) / lengths;
      least = std::min(least, cosine);
    }
    sum += least;
    count += 1.0;
  }
  return count / static_cast<double>(points.size()) * (1.0 - sum / count);
}

class Lfighter final : public Aggregator {
 public:
  void aggregate(const AggregationInput& input, const AggregationContext& context,
                 std::span<float> result) const override {
    std::vector<std::span<const float>> updates{input.own};
    for (const ReceivedModel& model : input.received) updates.push_back(model.values);
    const OutputLayer layer = find_output_layer(context.layout, LfighterOptions::kKind);
    const Vectors points = class_rows(layer, changed_classes(layer, updates), updates);
    const std::vector<bool> kept = sparser(points);
    const double weight = 1.0 / static_cast<double>(std::ranges::count(kept, true));
    std::vector<double> weights;
    for (std::size_t i = 1; i < kept.size(); ++i) weights.push_back(kept[i] ? weight : 0.0);
    combine(input, kept[0] ? weight : 0.0, weights, context, result);
  }

 private:
  static std::vector<bool> sparser(const Vectors& points) {
    const std::pair<std::size_t, std::size_t> start = farthest_pair(points);
    if (start.first == start.second) return std::vector<bool>(points.size(), true);
    std::vector<bool> in_second = two_means(points, start);
    if (sparsity(points, in_second, false) >= sparsity(points, in_second, true)) in_second.flip();
    return in_second;
  }
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const LfighterOptions&) {
  return std::make_unique<Lfighter>();
}

}  // namespace hearsay

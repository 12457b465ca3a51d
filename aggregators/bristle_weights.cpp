#include "aggregators/bristle_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "aggregators/neighborhood.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

using Integrator = BristleOptions::Integrator;

constexpr double kLeastScore = -100.0;

/// The phi classes of the highest scores, of equal ones the lowest first.
std::vector<std::size_t> best_classes(std::span<const double> f1, int phi) {
  std::vector<std::size_t> classes(f1.size());
  std::iota(classes.begin(), classes.end(), std::size_t{0});
  std::ranges::stable_sort(classes, std::greater{}, [&](std::size_t c) { return f1[c]; });
  classes.resize(std::min(classes.size(), static_cast<std::size_t>(phi)));
  return classes;
}

double sig(double score, double least) {
  return std::max(least, 10.0 / (1.0 + std::exp(-score / 100.0)) - 4.0);
}

double class_score(double own, double other, Integrator integrator) {
  const double delta = 10.0 * std::abs(own - other);
  if (integrator == Integrator::kFelmDa) {
    return other >= own ? std::pow(delta, 3.0) : -std::numeric_limits<double>::infinity();
  }
  return other > own ? std::pow(delta, 3.0 + own) : -std::pow(delta, 4.0 + own);
}

}  // namespace

std::vector<double> familiar_scores(std::span<const ClassScore> scores) {
  std::vector<double> f1;
  for (const ClassScore& score : scores) {
    if (score.samples == 0) continue;
    f1.push_back(2.0 * static_cast<double>(score.correct) /
                 static_cast<double>(score.samples + score.predicted));
  }
  return f1;
}

double bristle_certainty(std::span<const double> f1, int phi, double least) {
  HEARSAY_CHECK(!f1.empty());
  double sum = 0.0;
  const std::vector<std::size_t> best = best_classes(f1, phi);
  for (const std::size_t c : best) sum += f1[c];
  const auto count = static_cast<double>(best.size());
  const double mean = sum / count;
  double square = 0.0;
  for (const std::size_t c : best) square += (f1[c] - mean) * (f1[c] - mean);
  return std::max(least, mean - std::sqrt(square / count));
}

BristleWeights bristle_weights(std::span<const double> own, std::span<const double> other,
                               std::size_t kept, const BristleOptions& options) {
  HEARSAY_CHECK(own.size() == other.size());
  const bool authors = options.integrator == Integrator::kAuthors;
  const double certainty =
      bristle_certainty(other, options.phi, authors ? 0.0 : 1.0 / static_cast<double>(kept));
  const double least = authors ? 0.0 : 0.001;
  BristleWeights weights{.familiar = std::vector<double>(own.size())};
  double sum = 0.0;
  for (const std::size_t c : best_classes(other, options.phi)) {
    const double score = class_score(own[c], other[c], options.integrator);
    const double bounded = std::max(kLeastScore, score);
    weights.familiar[c] = sig(authors ? bounded : score, least) * certainty;
    sum += authors && options.bound_foreign ? bounded : score;
  }
  weights.foreign = sig(sum, least) * certainty;
  return weights;
}

std::vector<std::size_t> bristle_prioritize(std::span<const double> distances,
                                            const BristleOptions& options, Rng rng) {
  std::vector<std::size_t> order = nearest_first(distances);
  if (options.prioritizer == BristleOptions::Prioritizer::kAll) {
    std::ranges::sort(order);
    return order;
  }
  const std::size_t n = order.size();
  const double near = 1.0 - options.alpha;
  const double beta = options.beta;
  const std::size_t ends[] = {0, n / 3, 2 * n / 3, n};
  const double shares[] = {near * near, 2.0 * options.alpha * near, options.alpha * options.alpha};
  std::vector<std::size_t> kept;
  for (std::size_t third = 0; third < 3; ++third) {
    const std::span<std::size_t> group(
        order.begin() + static_cast<std::ptrdiff_t>(ends[third]),
        order.begin() + static_cast<std::ptrdiff_t>(ends[third + 1]));
    if (options.prioritizer == BristleOptions::Prioritizer::kRandom) rng.shuffle(group);
    const auto wanted = static_cast<std::size_t>(std::lround(shares[third] * beta));
    const std::span<std::size_t> taken = group.first(std::min(group.size(), wanted));
    kept.insert(kept.end(), taken.begin(), taken.end());
  }
  std::ranges::sort(kept);
  return kept;
}

}  // namespace hearsay

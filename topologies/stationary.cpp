#include "topologies/stationary.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace hearsay {
namespace {

constexpr int kMostSteps = 100'000;
constexpr double kTolerance = 1e-12;

std::vector<double> step(const MixingMatrix& mixing, const std::vector<double>& pi) {
  std::vector<double> next(pi.size(), 0.0);
  for (PeerId i = 0; i < mixing.graph().num_peers(); ++i) {
    const double share = pi[static_cast<std::size_t>(i)];
    next[static_cast<std::size_t>(i)] += mixing.self_weight(i) * share;
    const std::span<const PeerId> neighbors = mixing.graph().neighbors(i);
    const std::span<const double> weights = mixing.neighbor_weights(i);
    for (std::size_t k = 0; k < neighbors.size(); ++k) {
      next[static_cast<std::size_t>(neighbors[k])] += weights[k] * share;
    }
  }
  return next;
}

}  // namespace

std::vector<double> stationary_vector(const MixingMatrix& mixing) {
  const auto n = static_cast<std::size_t>(mixing.graph().num_peers());
  std::vector<double> pi(n, 1.0 / static_cast<double>(n));
  for (int s = 0; s < kMostSteps; ++s) {
    std::vector<double> next = step(mixing, pi);
    double change = 0.0;
    for (std::size_t i = 0; i < n; ++i) change = std::max(change, std::abs(next[i] - pi[i]));
    pi = std::move(next);
    if (change <= kTolerance) break;
  }
  return pi;
}

double initial_gain(const MixingMatrix& mixing) {
  double squares = 0.0;
  for (const double share : stationary_vector(mixing)) squares += share * share;
  return 1.0 / std::sqrt(squares);
}

}  // namespace hearsay

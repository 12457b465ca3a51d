#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/support/neighborhood_case.hpp"

/// Self-centered rules as their formulas stand, in double and without shortcuts: what the fast
/// versions are compared with. Models are lists of numbers, the peer's own one first.

namespace hearsay::reference {

using Numbers = std::vector<double>;

inline Numbers numbers(const Vector& model) { return {model.begin(), model.end()}; }

inline double distance(const Numbers& a, const Numbers& b) {
  double square = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) square += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(square);
}

inline double own_distance(const NeighborhoodCase& input, std::size_t j) {
  return distance(numbers(input.own), numbers(input.heard[j].model));
}

/// sum_k weights[k] models[k], the own model being number 0.
inline Numbers weighted_sum(const NeighborhoodCase& input, const Numbers& weights) {
  Numbers sum(input.own.size());
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] = weights[0] * static_cast<double>(input.own[i]);
    for (std::size_t j = 0; j < input.heard.size(); ++j) {
      sum[i] += weights[j + 1] * static_cast<double>(input.heard[j].model[i]);
    }
  }
  return sum;
}

/// Which of `left` is nearest to the own model; the first of several.
inline std::size_t nearest(const NeighborhoodCase& input, const std::vector<std::size_t>& left) {
  std::size_t best = left[0];
  for (const std::size_t j : left) {
    if (own_distance(input, j) < own_distance(input, best)) best = j;
  }
  return best;
}

inline std::vector<std::size_t> by_distance(const NeighborhoodCase& input) {
  std::vector<std::size_t> left(input.heard.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::vector<std::size_t> order;
  while (!left.empty()) {
    order.push_back(nearest(input, left));
    std::erase(left, order.back());
  }
  return order;
}

inline Numbers monna(const NeighborhoodCase& input, std::size_t f) {
  const std::size_t kept = input.heard.size() - f;
  Numbers weights(input.heard.size() + 1);
  const auto share = 1.0 / static_cast<double>(kept + 1);
  weights[0] = share;
  const std::vector<std::size_t> order = by_distance(input);
  for (std::size_t k = 0; k < kept; ++k) weights[order[k] + 1] = share;
  return weighted_sum(input, weights);
}

/// Takes one away f times, computing the mean anew.
inline Numbers ios(const NeighborhoodCase& input, std::size_t f) {
  Numbers weights{1.0};
  for (const Heard& heard : input.heard) {
    weights.push_back(heard.weight);
    weights[0] -= heard.weight;
  }
  const auto mean = [&] {
    Numbers shares = weights;
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double& share : shares) share /= total;
    return weighted_sum(input, shares);
  };
  for (std::size_t cut = 0; cut < f; ++cut) {
    const Numbers center = mean();
    std::size_t farthest = 0;
    double most = -1.0;
    for (std::size_t j = 0; j < input.heard.size(); ++j) {
      if (weights[j + 1] == 0.0) continue;
      const double far = distance(center, numbers(input.heard[j].model));
      if (far > most) {
        most = far;
        farthest = j;
      }
    }
    weights[farthest + 1] = 0.0;
  }
  return mean();
}

inline Numbers clipped(const NeighborhoodCase& input, double tau) {
  Numbers sum = numbers(input.own);
  for (std::size_t j = 0; j < input.heard.size(); ++j) {
    const double far = own_distance(input, j);
    const double factor = far > tau ? tau / far : 1.0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const double own = input.own[i];
      sum[i] += input.heard[j].weight * factor * (input.heard[j].model[i] - own);
    }
  }
  return sum;
}

inline double largest_weights(const NeighborhoodCase& input, std::size_t f) {
  Numbers weights;
  for (const Heard& heard : input.heard) weights.push_back(heard.weight);
  std::sort(weights.rbegin(), weights.rend());
  return std::accumulate(weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(f), 0.0);
}

/// Tries every distance as the threshold.
inline double cs_plus_threshold(const NeighborhoodCase& input, std::size_t f) {
  const double needed = 2.0 * largest_weights(input, f);
  const std::vector<std::size_t> order = by_distance(input);
  double tau = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    double behind = 0.0;
    for (std::size_t l = k + 1; l < order.size(); ++l) behind += input.heard[order[l]].weight;
    if (behind >= needed - 1e-9) tau = std::max(tau, own_distance(input, order[k]));
  }
  return tau;
}

inline double adaptive_radius(const NeighborhoodCase& input, std::size_t f) {
  const double delta = largest_weights(input, f);
  if (delta == 0.0) return std::numeric_limits<double>::infinity();
  double weight = 1.0;
  for (const Heard& heard : input.heard) weight -= heard.weight;
  double sum = 0.0;
  for (const std::size_t j : by_distance(input)) {
    if (weight >= 1.0 - delta - 1e-9) break;
    weight += input.heard[j].weight;
    sum += input.heard[j].weight * own_distance(input, j) * own_distance(input, j);
  }
  return std::sqrt(sum / delta);
}

/// The neighbors' average by samples; the own model if nobody has any.
inline Numbers neighbors_average(const NeighborhoodCase& input) {
  Numbers weights{0.0};
  for (const Heard& heard : input.heard) weights.push_back(static_cast<double>(heard.samples));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (total == 0.0) return numbers(input.own);
  for (double& weight : weights) weight /= total;
  return weighted_sum(input, weights);
}

/// own + part (average - own)
inline Numbers towards_average(const NeighborhoodCase& input, double part) {
  Numbers result = neighbors_average(input);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = input.own[i] + part * (result[i] - input.own[i]);
  }
  return result;
}

inline Numbers age_weighted(const NeighborhoodCase& input) {
  Numbers ages{static_cast<double>(input.round)};
  for (const Heard& heard : input.heard) ages.push_back(heard.round);
  if (std::ranges::count(ages, 0.0) == std::ssize(ages)) std::ranges::fill(ages, 1.0);
  const double total = std::accumulate(ages.begin(), ages.end(), 0.0);
  for (double& age : ages) age /= total;
  return weighted_sum(input, ages);
}

/// `loss` gives the loss of a model.
template <class Loss>
Numbers ubar(const NeighborhoodCase& input, double rho, double alpha, const Loss& loss) {
  const std::vector<std::size_t> order = by_distance(input);
  std::vector<std::size_t> accepted;
  for (std::size_t k = 0; k + 1 <= rho * static_cast<double>(order.size()); ++k) {
    if (loss(input.heard[order[k]].model) <= loss(input.own)) accepted.push_back(order[k]);
  }
  if (accepted.empty()) accepted = {order[0]};
  Numbers weights(input.heard.size() + 1);
  weights[0] = alpha;
  for (const std::size_t j : accepted) {
    weights[j + 1] = (1.0 - alpha) / static_cast<double>(accepted.size());
  }
  return weighted_sum(input, weights);
}

/// Reputation with worth by rank, direct trust, exponent 1 and no limits; `scores` are those
/// of the neighbors, updated.
inline Numbers reputation(const NeighborhoodCase& input, double memory, Numbers& scores) {
  const std::size_t count = input.heard.size();
  for (std::size_t j = 0; j < count; ++j) {
    double nearer = 0.0;
    for (std::size_t k = 0; k < count; ++k) {
      if (own_distance(input, k) < own_distance(input, j)) nearer += 1.0;
    }
    const double worth = count == 1 ? 1.0 : 1.0 - nearer / static_cast<double>(count - 1);
    scores[j] = memory * scores[j] + (1.0 - memory) * worth;
  }
  double mixed = 0.0;
  double trusted = 0.0;
  for (std::size_t j = 0; j < count; ++j) {
    mixed += input.heard[j].weight;
    trusted += input.heard[j].weight * scores[j];
  }
  Numbers weights{1.0 - mixed};
  for (std::size_t j = 0; j < count; ++j) {
    weights.push_back(input.heard[j].weight * scores[j] * mixed / trusted);
  }
  return weighted_sum(input, weights);
}

}  // namespace hearsay::reference

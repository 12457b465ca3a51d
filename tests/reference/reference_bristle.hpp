#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tests/reference/reference_local_rules.hpp"

/// Bristle's integrator as in the authors' code, entry by entry and without a prioritizer.

namespace hearsay::reference {

struct BristleCase {
  std::size_t classes = 0;
  std::size_t features = 0;
  std::size_t phi = 0;
  std::vector<bool> familiar;  ///< By class.
  Numbers own_f1;              ///< By class; what stands at foreign ones is not used.
  std::vector<Numbers> f1;     ///< Of the received models.
};

inline std::vector<std::size_t> best(const BristleCase& given, const Numbers& f1) {
  std::vector<std::size_t> chosen;
  while (chosen.size() < given.phi) {
    std::size_t top = given.classes;
    for (std::size_t c = 0; c < given.classes; ++c) {
      if (!given.familiar[c] || std::ranges::count(chosen, c) > 0) continue;
      if (top == given.classes || f1[c] > f1[top]) top = c;
    }
    if (top == given.classes) break;
    chosen.push_back(top);
  }
  return chosen;
}

inline double sig(double s) { return std::max(0.0, 10.0 / (1.0 + std::exp(-s / 100.0)) - 4.0); }

inline double bristle_weight(const BristleCase& given, std::size_t j, std::size_t c) {
  const Numbers& f1 = given.f1[j];
  const std::vector<std::size_t> chosen = best(given, f1);
  double mean = 0.0;
  for (const std::size_t k : chosen) mean += f1[k] / static_cast<double>(chosen.size());
  double variance = 0.0;
  for (const std::size_t k : chosen) {
    variance += (f1[k] - mean) * (f1[k] - mean) / static_cast<double>(chosen.size());
  }
  const double certainty = std::max(0.0, mean - std::sqrt(variance));
  const auto score = [&](std::size_t k) {
    const double delta = 10.0 * std::abs(given.own_f1[k] - f1[k]);
    if (f1[k] > given.own_f1[k]) return std::pow(delta, 3.0 + given.own_f1[k]);
    return -std::pow(delta, 4.0 + given.own_f1[k]);
  };
  if (given.familiar[c]) {
    if (std::ranges::count(chosen, c) == 0) return 0.0;
    return sig(std::max(-100.0, score(c))) * certainty;
  }
  double sum = 0.0;
  for (const std::size_t k : chosen) sum += score(k);
  return sig(sum) * certainty;
}

/// Models are the rows of the output layer, then a bias per class; the result too.
inline Numbers bristle(const BristleCase& given, const NeighborhoodCase& input) {
  Numbers result = numbers(input.own);
  for (std::size_t c = 0; c < given.classes; ++c) {
    for (std::size_t k = 0; k <= given.features; ++k) {
      const std::size_t at =
          k < given.features ? c * given.features + k : given.classes * given.features + c;
      double total = 1.0;
      for (std::size_t j = 0; j < input.heard.size(); ++j) {
        const double weight = bristle_weight(given, j, c);
        total += weight;
        result[at] += weight * input.heard[j].model[at];
      }
      result[at] /= total;
    }
  }
  return result;
}

}  // namespace hearsay::reference

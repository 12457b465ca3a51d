#include "aggregators/krum_scores.hpp"

#include <algorithm>
#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {

std::vector<double> krum_scores(const SquareMatrix& squared_distances, int neighbors,
                                bool squared) {
  const std::size_t n = squared_distances.size();
  HEARSAY_CHECK(0 <= neighbors);
  HEARSAY_CHECK(static_cast<std::size_t>(neighbors) < n);
  std::vector<double> scores(n, 0.0);
  std::vector<double> others;
  for (std::size_t i = 0; i < n; ++i) {
    others.clear();
    for (std::size_t j = 0; j < n; ++j) {
      if (j != i) others.push_back(squared_distances(i, j));
    }
    std::ranges::sort(others);
    for (int k = 0; k < neighbors; ++k) {
      const double square = others[static_cast<std::size_t>(k)];
      scores[i] += squared ? square : std::sqrt(square);
    }
  }
  return scores;
}

std::vector<double> krum_scores(const InputVectors& x, int f, KrumConvention convention) {
  const bool paper = convention == KrumConvention::kPaper;
  return krum_scores(squared_distances(gram_matrix(x.rows(), x.rows()[x.own()])),
                     x.size() - f - (paper ? 2 : 1), convention != KrumConvention::kLpd);
}

std::optional<std::string> krum_infeasible(std::string_view rule, int n, int f,
                                           KrumConvention convention) {
  if (convention == KrumConvention::kPaper) {
    return too_few_inputs(rule, n, f, "2f + 3", 2 * f + 3);
  }
  return too_few_inputs(rule, n, f, "2f + 1", 2 * f + 1);
}

}  // namespace hearsay

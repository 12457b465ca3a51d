#pragma once

#include <limits>

#include "tests/reference/reference_vectors.hpp"

/// Slow, obvious versions of robust aggregation rules, straight from their definitions: all in
/// double, distances from differences, eigenvectors by many power steps, no Gram matrix. Where
/// a rule has an own input, it is x[0].
namespace hearsay::reference {

inline Vec coordinate_median(const Vecs& x) { return by_coordinate(x, median); }

inline Vec trimmed_mean(const Vecs& x, std::size_t f) {
  return by_coordinate(x, [f](const Vec& column) {
    const Vec v = sorted(column);
    return std::accumulate(v.begin() + static_cast<std::ptrdiff_t>(f),
                           v.end() - static_cast<std::ptrdiff_t>(f), 0.0) /
           static_cast<double>(v.size() - 2 * f);
  });
}

inline double mean_nearest(const Vec& column, double center, std::size_t count) {
  Vec distances;
  for (const double value : column) distances.push_back(std::abs(value - center));
  double sum = 0.0;
  for (const std::size_t i : smallest(distances, count)) sum += column[i];
  return sum / static_cast<double>(count);
}

inline Vec meamed(const Vecs& x, std::size_t f) {
  return by_coordinate(x, [f](const Vec& column) {
    return mean_nearest(column, median(column), column.size() - f);
  });
}

inline Vec phocas(const Vecs& x, std::size_t f) {
  return by_coordinate(x, [f](const Vec& column) {
    Vecs scalars;
    for (const double value : column) scalars.push_back({value});
    return mean_nearest(column, trimmed_mean(scalars, f)[0], column.size() - f);
  });
}

/// Sum over the `neighbors` nearest others of distance^power.
inline Vec krum_scores(const Vecs& x, std::size_t neighbors, double power) {
  Vec scores;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Vec others;
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (j != i) others.push_back(std::pow(distance(x[i], x[j]), power));
    }
    others = sorted(others);
    scores.push_back(std::accumulate(others.begin(),
                                     others.begin() + static_cast<std::ptrdiff_t>(neighbors), 0.0));
  }
  return scores;
}

inline Vec multi_krum(const Vecs& x, std::size_t neighbors, double power, std::size_t m) {
  return mean(x, smallest(krum_scores(x, neighbors, power), m));
}

inline Vec bulyan(const Vecs& x, std::size_t f) {
  Indices left = all(x.size());
  Indices selected;
  while (selected.size() < x.size() - 2 * f) {
    const std::size_t r = left.size();
    const std::size_t neighbors = std::min(r - 1, r > f + 3 ? r - f - 2 : 1);
    const std::size_t best = smallest(krum_scores(pick(x, left), neighbors, 2.0), 1)[0];
    selected.push_back(left[best]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  std::sort(selected.begin(), selected.end());
  return meamed(pick(x, selected), 2 * f);
}

inline Vec geometric_median(const Vecs& x, Vec z, double nu, int iterations) {
  for (int t = 0; t < iterations; ++t) {
    Vec beta;
    for (const Vec& row : x) beta.push_back(1.0 / std::max(nu, distance(row, z)));
    z = weighted_mean(x, beta);
  }
  return z;
}

inline Vec centered_clipping(const Vecs& x, Vec v, double tau, int iterations) {
  for (int l = 0; l < iterations; ++l) {
    Vecs clipped;
    for (const Vec& row : x) {
      const double far = distance(row, v);
      clipped.push_back(times(plus(row, v, -1.0), far > tau ? tau / far : 1.0));
    }
    v = plus(v, mean(clipped));
  }
  return v;
}

inline double diameter(const Vecs& x) {
  double largest = 0.0;
  for (const Vec& a : x) {
    for (const Vec& b : x) largest = std::max(largest, distance(a, b));
  }
  return largest;
}

template <class Measure>
Vec mean_of_best_subset(const Vecs& x, std::size_t f, const Measure& measure) {
  Vec best;
  double least = std::numeric_limits<double>::infinity();
  for (const Indices& subset : subsets(x.size(), x.size() - f)) {
    const double value = measure(pick(x, subset));
    if (value < least) {
      least = value;
      best = mean(x, subset);
    }
  }
  return best;
}

inline Vec mda(const Vecs& x, std::size_t f) { return mean_of_best_subset(x, f, diameter); }

inline Vec cge(const Vecs& x, std::size_t f) {
  Vec norms;
  for (const Vec& row : x) norms.push_back(norm(row));
  return mean(x, smallest(norms, x.size() - f));
}

inline Vec faba(Vecs x, std::size_t f) {
  for (; f > 0; --f) {
    const Vec center = mean(x);
    std::size_t farthest = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (distance(x[i], center) > distance(x[farthest], center) + 1e-12) farthest = i;
    }
    x.erase(x.begin() + static_cast<std::ptrdiff_t>(farthest));
  }
  return mean(x);
}

inline Vec aksel(const Vecs& x, std::size_t count) {
  const Vec center = coordinate_median(x);
  Vec distances;
  for (const Vec& row : x) distances.push_back(distance(row, center));
  return mean(x, smallest(distances, count));
}

inline Vec fltrust(const Vecs& x) {
  Vec sum = x[0];
  double total = 1.0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    const double trust = std::max(0.0, dot(x[i], x[0]) / (norm(x[i]) * norm(x[0])));
    sum = plus(sum, x[i], trust * norm(x[0]) / norm(x[i]));
    total += trust;
  }
  return times(sum, 1.0 / total);
}

/// Leading unit eigenvector of the covariance with weights c, and its eigenvalue.
inline std::pair<Vec, double> leading_direction(const Vecs& x, const Vec& c) {
  const Vec mu = weighted_mean(x, c);
  Vec v(mu.size());
  for (std::size_t k = 0; k < v.size(); ++k) v[k] = std::cos(static_cast<double>(k * k + 1));
  double value = 0.0;
  for (int step = 0; step < 20000; ++step) {
    Vec next(mu.size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Vec difference = plus(x[i], mu, -1.0);
      next = plus(next, difference, c[i] * dot(difference, v));
    }
    value = norm(next) / norm(v) / std::accumulate(c.begin(), c.end(), 0.0);
    if (norm(next) == 0.0) break;
    next = times(next, 1.0 / norm(next));
    const double change = distance(next, v);
    v = next;
    if (change < 1e-13) break;
  }
  return {v, value};
}

inline Vec caf(const Vecs& x, std::size_t f) {
  Vec c(x.size(), 1.0);
  Vec best;
  double least = std::numeric_limits<double>::infinity();
  while (std::accumulate(c.begin(), c.end(), 0.0) > static_cast<double>(x.size() - 2 * f)) {
    const Vec mu = weighted_mean(x, c);
    const auto [v, value] = leading_direction(x, c);
    if (value < least) {
      least = value;
      best = mu;
    }
    Vec tau;
    double largest = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      tau.push_back(std::pow(dot(plus(x[i], mu, -1.0), v), 2.0));
      if (c[i] > 0.0) largest = std::max(largest, tau[i]);
    }
    for (std::size_t i = 0; i < x.size(); ++i) c[i] *= std::max(0.0, 1.0 - tau[i] / largest);
  }
  return best;
}

inline Vec smea(const Vecs& x, std::size_t f) {
  return mean_of_best_subset(x, f, [](const Vecs& subset) {
    return leading_direction(subset, Vec(subset.size(), 1.0)).second;
  });
}

/// One iteration on all coordinates.
inline Vec dnc(const Vecs& x, std::size_t removed) {
  const Vec mu = mean(x);
  const Vec v = leading_direction(x, Vec(x.size(), 1.0)).first;
  Vec scores;
  for (const Vec& row : x) scores.push_back(std::pow(dot(plus(row, mu, -1.0), v), 2.0));
  return mean(x, smallest(scores, x.size() - removed));
}

inline Vecs nnm(const Vecs& x, std::size_t f) {
  Vecs mixed;
  for (const Vec& row : x) {
    Vec distances;
    for (const Vec& other : x) distances.push_back(distance(row, other));
    mixed.push_back(mean(x, smallest(distances, x.size() - f)));
  }
  return mixed;
}

inline Vecs clipped(const Vecs& x, double largest) {
  Vecs result;
  for (const Vec& row : x) result.push_back(times(row, std::min(1.0, largest / norm(row))));
  return result;
}

inline Vecs arc(const Vecs& x, std::size_t f) {
  Vec norms;
  for (const Vec& row : x) norms.push_back(-norm(row));
  return clipped(x, -sorted(norms)[2 * f * (x.size() - f) / x.size()]);
}

}  // namespace hearsay::reference

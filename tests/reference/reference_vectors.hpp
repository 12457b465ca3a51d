#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

/// Plain vectors in double, for slow and obvious versions of aggregation rules.
namespace hearsay::reference {

using Vec = std::vector<double>;
using Vecs = std::vector<Vec>;
using Indices = std::vector<std::size_t>;

inline Vec plus(const Vec& a, const Vec& b, double factor = 1.0) {
  Vec sum = a;
  for (std::size_t k = 0; k < a.size(); ++k) sum[k] += factor * b[k];
  return sum;
}

inline Vec times(const Vec& a, double factor) {
  Vec product = a;
  for (double& entry : product) entry *= factor;
  return product;
}

inline double dot(const Vec& a, const Vec& b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

inline double norm(const Vec& a) { return std::sqrt(dot(a, a)); }
inline double distance(const Vec& a, const Vec& b) { return norm(plus(a, b, -1.0)); }

inline Vec weighted_mean(const Vecs& x, const Vec& c) {
  Vec sum(x[0].size(), 0.0);
  double total = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum = plus(sum, x[i], c[i]);
    total += c[i];
  }
  return times(sum, 1.0 / total);
}

inline Vecs pick(const Vecs& x, const Indices& which) {
  Vecs picked;
  for (const std::size_t i : which) picked.push_back(x[i]);
  return picked;
}

inline Vec mean(const Vecs& x) { return weighted_mean(x, Vec(x.size(), 1.0)); }
inline Vec mean(const Vecs& x, const Indices& which) { return mean(pick(x, which)); }

inline Indices all(std::size_t n) {
  Indices indices(n);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

/// The `count` indices with the smallest keys; of equals the lower index.
inline Indices smallest(const Vec& keys, std::size_t count) {
  std::vector<std::pair<double, std::size_t>> ranked;
  for (std::size_t i = 0; i < keys.size(); ++i) ranked.emplace_back(keys[i], i);
  std::sort(ranked.begin(), ranked.end());
  Indices chosen;
  for (std::size_t r = 0; r < count; ++r) chosen.push_back(ranked[r].second);
  return chosen;
}

inline Vec sorted(Vec values) {
  std::sort(values.begin(), values.end());
  return values;
}

inline double median(const Vec& values) {
  const Vec v = sorted(values);
  return v.size() % 2 == 1 ? v[v.size() / 2] : (v[v.size() / 2 - 1] + v[v.size() / 2]) / 2.0;
}

/// f(values of one coordinate) for every coordinate.
template <class F>
Vec by_coordinate(const Vecs& x, const F& f) {
  Vec result;
  for (std::size_t k = 0; k < x[0].size(); ++k) {
    Vec column;
    for (const Vec& row : x) column.push_back(row[k]);
    result.push_back(f(column));
  }
  return result;
}

/// All subsets of {0, ..., n - 1} of this size in lexicographic order.
inline std::vector<Indices> subsets(std::size_t n, std::size_t size) {
  std::vector<Indices> found;
  std::vector<bool> taken(n, false);
  std::fill(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(size), true);
  do {
    Indices subset;
    for (std::size_t i = 0; i < n; ++i) {
      if (taken[i]) subset.push_back(i);
    }
    found.push_back(subset);
  } while (std::prev_permutation(taken.begin(), taken.end()));
  return found;
}

}  // namespace hearsay::reference

#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <vector>

#include "tests/reference/reference_vectors.hpp"

/// Rules that divide their inputs into two clusters, written down as in their headers.
namespace hearsay::reference {

/// The labels, 0 or 1, of 2-means from the first pair of points that are farthest apart; all 0 if
/// all points are one.
inline Indices two_means(const Vecs& points) {
  std::size_t a = 0;
  std::size_t b = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      if (distance(points[i], points[j]) > distance(points[a], points[b])) {
        a = i;
        b = j;
      }
    }
  }
  Indices labels(points.size(), 0);
  if (a == b) return labels;
  Vec centers[] = {points[a], points[b]};
  for (int move = 0; move < 100; ++move) {
    const Indices before = labels;
    for (std::size_t i = 0; i < points.size(); ++i) {
      labels[i] = distance(points[i], centers[1]) < distance(points[i], centers[0]) ? 1 : 0;
    }
    if (move > 0 && labels == before) break;
    for (const std::size_t c : {0U, 1U}) {
      Vecs members;
      for (std::size_t i = 0; i < points.size(); ++i) {
        if (labels[i] == c) members.push_back(points[i]);
      }
      centers[c] = mean(members);
    }
  }
  return labels;
}

inline Indices with_label(const Indices& labels, std::size_t label) {
  Indices members;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == label) members.push_back(i);
  }
  return members;
}

/// Row 0 is the own one; L = 0.1, R = 3.
inline Vec sign_guard(const Vecs& x) {
  Vec norms;
  Vecs features;
  for (const Vec& row : x) {
    norms.push_back(norm(row));
    Vec shares(3, 0.0);
    for (const double value : row) {
      const std::size_t which = value > 0.0 ? 0 : (value < 0.0 ? 1 : 2);
      shares[which] += 1.0;
    }
    for (double& share : shares) share /= static_cast<double>(row.size());
    features.push_back(shares);
  }
  const Indices labels = two_means(features);
  const std::size_t ones = with_label(labels, 1).size();
  std::size_t larger = labels[0];
  if (2 * ones > x.size()) larger = 1;
  if (2 * ones < x.size()) larger = 0;
  const double m = median(norms);
  Vecs accepted;
  for (const std::size_t i : with_label(labels, larger)) {
    if (norms[i] < 0.1 * m || norms[i] > 3.0 * m) continue;
    accepted.push_back(times(x[i], norms[i] > m ? m / norms[i] : 1.0));
  }
  return accepted.empty() ? x[0] : mean(accepted);
}

inline double cosine(const Vec& a, const Vec& b) { return dot(a, b) / (norm(a) * norm(b)); }

/// Of inputs that are not zero, in a peer's first round: average linkage, clipped to the median.
inline Vec clipped_clustering(const Vecs& x) {
  std::vector<std::set<std::size_t>> clusters;
  Vec norms;
  for (std::size_t i = 0; i < x.size(); ++i) {
    clusters.push_back({i});
    norms.push_back(norm(x[i]));
  }
  while (clusters.size() > 2) {
    double least = std::numeric_limits<double>::infinity();
    std::size_t first = 0;
    std::size_t second = 0;
    for (std::size_t a = 0; a < clusters.size(); ++a) {
      for (std::size_t b = a + 1; b < clusters.size(); ++b) {
        double sum = 0.0;
        for (const std::size_t i : clusters[a]) {
          for (const std::size_t j : clusters[b]) sum += 1.0 - cosine(x[i], x[j]);
        }
        const double apart = sum / static_cast<double>(clusters[a].size() * clusters[b].size());
        if (apart >= least) continue;
        least = apart;
        first = a;
        second = b;
      }
    }
    clusters[first].insert(clusters[second].begin(), clusters[second].end());
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(second));
  }
  const bool equal = clusters[0].size() == clusters[1].size();
  const bool second = equal ? clusters[1].contains(0) : clusters[1].size() > clusters[0].size();
  Vecs members;
  for (const std::size_t i : clusters[second ? 1 : 0]) {
    members.push_back(times(x[i], std::min(1.0, median(norms) / norms[i])));
  }
  return mean(members);
}

/// Models are `classes` rows of `features` weights, then a bias per class.
inline Vec lfighter(const Vecs& x, std::size_t classes, std::size_t features) {
  const auto row_of = [&](const Vec& model, std::size_t c) {
    const auto first = model.begin() + static_cast<std::ptrdiff_t>(c * features);
    return Vec(first, first + static_cast<std::ptrdiff_t>(features));
  };
  Vec change(classes, 0.0);
  for (const Vec& model : x) {
    for (std::size_t c = 0; c < classes; ++c) {
      change[c] -= norm(row_of(model, c)) + std::abs(model[classes * features + c]);
    }
  }
  Indices chosen = smallest(change, 2);
  std::sort(chosen.begin(), chosen.end());
  Vecs points;
  for (const Vec& model : x) {
    Vec point;
    for (const std::size_t c : chosen) {
      for (const double value : row_of(model, c)) point.push_back(value);
    }
    points.push_back(point);
  }
  const Indices labels = two_means(points);
  Vec sparsities;
  for (const std::size_t label : {0U, 1U}) {
    const Indices members = with_label(labels, label);
    double sum = 0.0;
    for (const std::size_t i : members) {
      double least = 0.0;
      for (const std::size_t k : members) {
        if (k != i) least = std::min(least, cosine(points[i], points[k]));
      }
      sum += least;
    }
    const auto count = static_cast<double>(members.size());
    sparsities.push_back(count / static_cast<double>(x.size()) * (1.0 - sum / count));
  }
  return mean(x, with_label(labels, sparsities[1] > sparsities[0] ? 1 : 0));
}

}  // namespace hearsay::reference

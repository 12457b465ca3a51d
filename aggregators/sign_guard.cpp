#include "aggregators/sign_guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "aggregators/norms.hpp"
#include "aggregators/weighting_rule.hpp"

namespace hearsay {
namespace {

using Features = std::array<double, 3>;

Features sign_shares(std::span<const float> x) {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  for (const float value : x) {
    positive += value > 0.0F ? 1 : 0;
    negative += value < 0.0F ? 1 : 0;
  }
  const auto size = static_cast<double>(x.size());
  const double zero = size - static_cast<double>(positive + negative);
  return {static_cast<double>(positive) / size, static_cast<double>(negative) / size, zero / size};
}

double squared_distance(const Features& a, const Features& b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

std::array<Features, 2> farthest_pair(const std::vector<Features>& points) {
  std::array<Features, 2> pair{points[0], points[0]};
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      if (squared_distance(points[i], points[j]) > squared_distance(pair[0], pair[1])) {
        pair = {points[i], points[j]};
      }
    }
  }
  return pair;
}

Features mean_of(const std::vector<Features>& points, const std::vector<int>& cluster, int which) {
  Features mean{};
  double members = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (cluster[i] != which) continue;
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += points[i][k];
    members += 1.0;
  }
  for (double& entry : mean) entry /= members;
  return mean;
}

// The cluster, 0 or 1, of each point; of equally near centers the first. Neither gets empty:
// each center starts at a point, and a mean's nearest member stays with it.
std::vector<int> two_means(const std::vector<Features>& points) {
  std::array<Features, 2> centers = farthest_pair(points);
  std::vector<int> cluster(points.size(), 0);
  if (squared_distance(centers[0], centers[1]) == 0.0) return cluster;
  for (int iteration = 0; iteration < 100; ++iteration) {
    const std::vector<int> before = cluster;
    for (std::size_t i = 0; i < points.size(); ++i) {
      cluster[i] =
          squared_distance(points[i], centers[1]) < squared_distance(points[i], centers[0]);
    }
    if (iteration > 0 && cluster == before) break;
    centers = {mean_of(points, cluster, 0), mean_of(points, cluster, 1)};
  }
  return cluster;
}

class SignGuard final : public WeightingRule {
 public:
  explicit SignGuard(const SignGuardOptions& options) : options_(options) {}

 private:
  std::vector<double> weights(const InputVectors& x, const AggregationContext&) const override {
    const std::vector<double> norms = norms_of(x.rows());
    const double m = median_of(norms);
    std::vector<Features> features;
    for (const std::span<const float> row : x.rows()) features.push_back(sign_shares(row));
    const std::vector<int> cluster = two_means(features);
    const auto ones = std::ranges::count(cluster, 1);
    const auto zeros = std::ranges::count(cluster, 0);
    const int larger = ones == zeros ? cluster[x.own()] : (ones > zeros ? 1 : 0);
    std::vector<double> weights(norms.size(), 0.0);
    double accepted = 0.0;
    for (std::size_t i = 0; i < norms.size(); ++i) {
      const bool usual = options_.low * m <= norms[i] && norms[i] <= options_.high * m;
      if (!usual || cluster[i] != larger) continue;
      weights[i] = norms[i] > m ? m / norms[i] : 1.0;
      accepted += 1.0;
    }
    if (accepted == 0.0) weights[x.own()] = accepted = 1.0;
    for (double& weight : weights) weight /= accepted;
    return weights;
  }

  SignGuardOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const SignGuardOptions& options) {
  return std::make_unique<SignGuard>(options);
}

}  // namespace hearsay

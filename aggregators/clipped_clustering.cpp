#include "aggregators/clipped_clustering.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "aggregators/gram.hpp"
#include "aggregators/norms.hpp"
#include "aggregators/weighting_rule.hpp"
#include "node/base/archive.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

using Cluster = std::vector<std::size_t>;
using Linkage = ClippedClusteringOptions::Linkage;

class NormHistory final : public AggregatorState {
 public:
  void persist(Archive& archive) override {
    archive.mark("norm history");
    archive(norms_);
  }

  void add(PeerId peer, double norm) { norms_[peer].push_back(norm); }

  double median() const {
    std::vector<double> all;
    for (const auto& [peer, norms] : norms_) all.insert(all.end(), norms.begin(), norms.end());
    return median_of(std::move(all));
  }

 private:
  std::map<PeerId, std::vector<double>> norms_;
};

SquareMatrix cosine_distances(const SquareMatrix& gram) {
  SquareMatrix distances(gram.size());
  for (std::size_t i = 0; i < gram.size(); ++i) {
    for (std::size_t j = 0; j < gram.size(); ++j) {
      const double norms = std::sqrt(gram(i, i)) * std::sqrt(gram(j, j));
      const bool both_zero = gram(i, i) == 0.0 && gram(j, j) == 0.0;
      distances(i, j) = norms > 0.0 ? 1.0 - gram(i, j) / norms : (both_zero ? 0.0 : 1.0);
    }
  }
  return distances;
}

double linkage_distance(const SquareMatrix& distances, const Cluster& a, const Cluster& b,
                        Linkage linkage) {
  double sum = 0.0;
  double least = std::numeric_limits<double>::infinity();
  for (const std::size_t i : a) {
    for (const std::size_t j : b) {
      sum += distances(i, j);
      least = std::min(least, distances(i, j));
    }
  }
  if (linkage == Linkage::kSingle) return least;
  return sum / static_cast<double>(a.size() * b.size());
}

// Merges the nearest two until two are left.
std::vector<Cluster> agglomerate(const SquareMatrix& distances, Linkage linkage) {
  std::vector<Cluster> clusters;
  for (std::size_t i = 0; i < distances.size(); ++i) clusters.push_back({i});
  while (clusters.size() > 2) {
    double least = std::numeric_limits<double>::infinity();
    std::size_t first = 0;
    std::size_t second = 1;
    for (std::size_t a = 0; a < clusters.size(); ++a) {
      for (std::size_t b = a + 1; b < clusters.size(); ++b) {
        const double distance = linkage_distance(distances, clusters[a], clusters[b], linkage);
        if (distance < least) {
          least = distance;
          first = a;
          second = b;
        }
      }
    }
    Cluster& into = clusters[first];
    into.insert(into.end(), clusters[second].begin(), clusters[second].end());
    clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return clusters;
}

class ClippedClustering final : public WeightingRule {
 public:
  explicit ClippedClustering(const ClippedClusteringOptions& options) : options_(options) {}

  std::unique_ptr<AggregatorState> make_state() const override {
    return std::make_unique<NormHistory>();
  }

 private:
  std::vector<double> weights(const InputVectors& x,
                              const AggregationContext& context) const override {
    const SquareMatrix gram = gram_matrix(x.rows(), {});
    const double tau = std::min(options_.max_tau, median_norm(x, gram, context));
    const auto clusters = agglomerate(cosine_distances(gram), options_.linkage);
    std::vector<double> weights = mean_weights(gram.size(), larger(clusters, x.own()));
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double norm = std::sqrt(gram(i, i));
      if (norm > tau) weights[i] *= tau / norm;
    }
    return weights;
  }

  static double median_norm(const InputVectors& x, const SquareMatrix& gram,
                            const AggregationContext& context) {
    auto* const history = dynamic_cast<NormHistory*>(context.state);
    HEARSAY_CHECK(history != nullptr);
    for (std::size_t i = 0; i < gram.size(); ++i) {
      history->add(x.sender(i), std::sqrt(gram(i, i)));
    }
    return history->median();
  }

  // Of two clusters as large that of the own input.
  static const Cluster& larger(const std::vector<Cluster>& clusters, std::size_t own) {
    const Cluster& a = clusters[0];
    const Cluster& b = clusters[1];
    if (a.size() != b.size()) return a.size() > b.size() ? a : b;
    return std::ranges::find(a, own) != a.end() ? a : b;
  }

  ClippedClusteringOptions options_;
};

}  // namespace

std::unique_ptr<Aggregator> make_aggregator(const ClippedClusteringOptions& options) {
  return std::make_unique<ClippedClustering>(options);
}

}  // namespace hearsay

#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct ClippedClusteringOptions {
  static constexpr std::string_view kKind = "clipped_clustering";
  static constexpr std::string_view kSummary =
      "Mean of the larger of two clusters of clipped inputs.";
  static constexpr std::string_view kReference =
      "Li, Ngai, Voigt, IEEE Trans. Big Data 10(6), 2024";
  static constexpr Space kSpace = Space::kUpdate;

  /// How far two clusters are apart: the mean, or the smallest, of their members' distances.
  enum class Linkage { kAverage, kSingle };

  double max_tau = 1e5;  ///< Largest clipping radius.
  Linkage linkage = Linkage::kAverage;

  friend bool operator==(const ClippedClusteringOptions&,
                         const ClippedClusteringOptions&) = default;
};

constexpr auto enum_names(ClippedClusteringOptions::Linkage) {
  using Linkage = ClippedClusteringOptions::Linkage;
  return std::array{EnumName<Linkage>{Linkage::kAverage, "average"},
                    EnumName<Linkage>{Linkage::kSingle, "single"}};
}

template <class Visitor>
void describe(Visitor& visit, ClippedClusteringOptions& options) {
  visit("max_tau", options.max_tau, above(0), "largest clipping radius");
  visit("linkage", options.linkage, "distance of two clusters: average or single");
}

/// Clipped clustering: inputs are clipped to tau = min(max_tau, median of all norms that this
/// peer has seen up to now), and merged bottom-up by their cosine distances 1 - cos(x_i, x_j)
/// until two clusters are left; the result is the mean of the larger one, of equals that of the
/// own input. A zero vector has distance 1 from all others and 0 from another zero vector. Of
/// equally near clusters the pair with the lowest peer ids merges. The history of norms is kept
/// by peer id and grows by one number per input and round. Mixing weights are not used. Space:
/// update.
/// Li, Ngai, Voigt. An experimental study of Byzantine-robust aggregation schemes in federated
/// learning. IEEE Transactions on Big Data 10(6), 2024.
std::unique_ptr<Aggregator> make_aggregator(const ClippedClusteringOptions& options);

}  // namespace hearsay

#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct BridgeOptions {
  static constexpr std::string_view kKind = "bridge";
  static constexpr std::string_view kSummary =
      "BRIDGE-T/M/K/B: screening by trimmed mean, median, Krum or Bulyan.";
  static constexpr std::string_view kReference =
      "Fang, Yang, Bajwa, IEEE Trans. Signal and Information Processing over Networks 8, 2022";
  static constexpr Space kSpace = Space::kModel;

  enum class Screening { kTrimmedMean, kMedian, kKrum, kBulyan };

  Screening screening = Screening::kTrimmedMean;
  int f = 1;

  friend bool operator==(const BridgeOptions&, const BridgeOptions&) = default;
};

constexpr auto enum_names(BridgeOptions::Screening) {
  using Screening = BridgeOptions::Screening;
  return std::array{EnumName<Screening>{Screening::kTrimmedMean, "trimmed_mean"},
                    EnumName<Screening>{Screening::kMedian, "median"},
                    EnumName<Screening>{Screening::kKrum, "krum"},
                    EnumName<Screening>{Screening::kBulyan, "bulyan"}};
}

template <class Visitor>
void describe(Visitor& visit, BridgeOptions& options) {
  visit("screening", options.screening, "BRIDGE-T, -M, -K or -B");
  visit("f", options.f, at_least(0), "attackers among the neighbors, b in the paper; not of -M");
}

/// BRIDGE, of a peer with neighbors N (those that it heard) and f = b:
///   trimmed_mean  per entry, without the b smallest and the b largest values of the
///                 neighbors: result = (x_i + sum of the rest) / (|N| - 2 b + 1). The own value
///                 always counts, wherever it lies: so this differs from `trimmed_mean`.
///   median, krum, bulyan  the rules of these names (median.hpp, krum.hpp with the paper's
///                 convention, bulyan.hpp) of the n = |N| + 1 models, own included.
/// Feasible with trimmed_mean if |N| >= 2 b + 1, so n >= 2 b + 2; else as these rules are. The
/// step by the local gradient is the training before. The mixing matrix is not used. Space:
/// model (translation-equivariant).
///
/// Fang, Yang, Bajwa. BRIDGE: Byzantine-Resilient Decentralized Gradient Descent. IEEE
/// Transactions on Signal and Information Processing over Networks 8:610-626, 2022;
/// arXiv:1908.08098.
std::unique_ptr<Aggregator> make_aggregator(const BridgeOptions& options);

}  // namespace hearsay

#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct CsPlusRgOptions {
  static constexpr std::string_view kKind = "cs_plus_rg";
  static constexpr std::string_view kSummary =
      "Robust gossip (F-RG) with the clipped sum CS+: clips the 2 f farthest.";
  static constexpr std::string_view kReference = "Gaucher, Dieuleveut, Hendrikx, ICML 2025";
  static constexpr Space kSpace = Space::kModel;

  int f = 1;

  friend bool operator==(const CsPlusRgOptions&, const CsPlusRgOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, CsPlusRgOptions& options) {
  visit("f", options.f, at_least(0), "attackers among the neighbors");
}

/// CS+-RG, robust gossip with the clipped sum:
///   result = x_i - sum_j W(i,j) Clip(x_i - x_j, tau),   Clip(z, tau) = min(1, tau / ||z||) z,
/// j over all that the peer i heard; with b what f of them can weigh at most (the sum of the f
/// largest W(i,j) heard), tau is the largest distance, of the peer itself (0) or a neighbor,
/// such that the models behind it in the order of distances weigh 2 b or more. W(i,j) is the
/// paper's step times weight, eta w_ij. With equal weights: all that are farther than the
/// (n - 2 f)th nearest of n models, own included, come as near as that one. Feasible if
/// n >= 2 f + 2: else tau = 0 and nothing is heard. Space: model (translation-equivariant).
///
/// Gaucher, Dieuleveut, Hendrikx. Unified Breakdown Analysis for Byzantine Robust Gossip. ICML
/// 2025, PMLR 267:18868-18896; tau as in the authors' code, function cs_plus.
std::unique_ptr<Aggregator> make_aggregator(const CsPlusRgOptions& options);

}  // namespace hearsay

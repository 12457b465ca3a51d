#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/krum_scores.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct KrumOptions {
  static constexpr std::string_view kKind = "krum";
  static constexpr std::string_view kSummary = "The input that is nearest to its neighbors.";
  static constexpr std::string_view kReference =
      "Blanchard, El Mhamdi, Guerraoui, Stainer, NeurIPS 2017";

  int f = 1;  ///< Bad inputs it stands up to.
  KrumConvention convention = KrumConvention::kPaper;

  friend bool operator==(const KrumOptions&, const KrumOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, KrumOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 3 inputs");
  visit("convention", options.convention,
        "score: paper = n-f-2 squared distances, byzfl = n-f-1, lpd = n-f-1 not squared");
}

/// Krum: the one input with the least score (krum_scores.hpp), the lowest peer id of equals.
/// Distances come from one Gram matrix around the own input. Mixing weights are not used.
/// Infeasible unless n >= 2f + 3 (byzfl, lpd: 2f + 1). Space: model (translation-equivariant).
/// Blanchard, El Mhamdi, Guerraoui, Stainer. Machine learning with adversaries: Byzantine
/// tolerant gradient descent. NeurIPS 2017. byzfl: its implementation in ByzFL; lpd: in the
/// robust-collaborative-learning code of EPFL's LPD.
std::unique_ptr<Aggregator> make_aggregator(const KrumOptions& options);

}  // namespace hearsay

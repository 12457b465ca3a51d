#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/krum_scores.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct MultiKrumOptions {
  static constexpr std::string_view kKind = "multi_krum";
  static constexpr std::string_view kSummary =
      "Mean of the inputs that are nearest to their neighbors.";
  static constexpr std::string_view kReference =
      "Blanchard, El Mhamdi, Guerraoui, Stainer, NeurIPS 2017";

  int f = 1;  ///< Bad inputs it stands up to.
  int m = 0;  ///< Inputs averaged; 0: n - f. More than n count as n.
  KrumConvention convention = KrumConvention::kPaper;

  friend bool operator==(const MultiKrumOptions&, const MultiKrumOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, MultiKrumOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 3 inputs");
  visit("m", options.m, at_least(0), "inputs averaged; 0 = n - f");
  visit("convention", options.convention,
        "score: paper = n-f-2 squared distances, byzfl = n-f-1, lpd = n-f-1 not squared");
}

/// Multi-Krum: the mean of the m inputs with the least scores (krum_scores.hpp); of equals
/// those of lower peer ids. m = 1 is Krum. Infeasible unless n >= 2f + 3 (byzfl, lpd: 2f + 1).
/// Mixing weights are not used. Space: model (translation-equivariant).
/// Blanchard, El Mhamdi, Guerraoui, Stainer. Machine learning with adversaries: Byzantine
/// tolerant gradient descent. NeurIPS 2017.
std::unique_ptr<Aggregator> make_aggregator(const MultiKrumOptions& options);

}  // namespace hearsay

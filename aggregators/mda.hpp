#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/subsets.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct MdaOptions {
  static constexpr std::string_view kKind = "mda";
  static constexpr std::string_view kSummary =
      "Mean of the n - f inputs with the smallest diameter.";
  static constexpr std::string_view kReference = "El Mhamdi et al., PODC 2020";

  int f = 1;                             ///< Bad inputs it stands up to.
  std::int64_t max_subsets = 1'000'000;  ///< Refuses inputs with more subsets of n - f.

  friend bool operator==(const MdaOptions&, const MdaOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, MdaOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
  visit("max_subsets", options.max_subsets, between(1, kMostSubsets),
        "refuse neighborhoods with more subsets of n - f inputs");
}

/// Minimum-diameter averaging: the mean of the subset S of n - f inputs with the least
/// max_{i,j in S} ||x_i - x_j||; of equals the first in lexicographic order of peer ids. Tries
/// all subsets in that order, without those that hold a pair as far apart as the best diameter
/// found. Infeasible unless n >= 2f + 1 and n over f is at most max_subsets. Mixing weights are
/// not used. Space: model (translation-equivariant).
/// El Mhamdi, Guerraoui, Guirguis, Hoang, Rouault. Genuinely distributed Byzantine machine
/// learning. PODC 2020.
std::unique_ptr<Aggregator> make_aggregator(const MdaOptions& options);

}  // namespace hearsay

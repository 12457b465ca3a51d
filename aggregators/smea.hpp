#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/covariance_spectrum.hpp"
#include "aggregators/subsets.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct SmeaOptions {
  static constexpr std::string_view kKind = "smea";
  static constexpr std::string_view kSummary =
      "Mean of the n - f inputs whose covariance has the least leading eigenvalue.";
  static constexpr std::string_view kReference = "El Mhamdi et al., NeurIPS 2021";

  int f = 1;                           ///< Bad inputs it stands up to.
  std::int64_t max_subsets = 100'000;  ///< Refuses inputs with more subsets of n - f.
  LeadingDirection direction = LeadingDirection::kExact;

  friend bool operator==(const SmeaOptions&, const SmeaOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, SmeaOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
  visit("max_subsets", options.max_subsets, between(1, kMostSubsets),
        "refuse neighborhoods with more subsets of n - f inputs");
  visit("direction", options.direction,
        "leading eigenvector: exact, or byzfl = one power step from (sin 1, ..., sin d)");
}

/// Smallest maximum eigenvalue averaging: the mean of the subset S of n - f inputs with the
/// least leading eigenvalue of sum_{i in S} (x_i - mu_S)(x_i - mu_S)^T / |S|; of equals the first
/// in lexicographic order of peer ids. Tries all subsets, on one Gram matrix. Infeasible unless
/// n >= 2f + 1 and n over f is at most max_subsets. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// El Mhamdi, Farhadkhani, Guerraoui, Guirguis, Hoang, Rouault. Collaborative learning in the
/// jungle. NeurIPS 2021; Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan. Robust
/// collaborative learning with linear gradient overhead. ICML 2023.
std::unique_ptr<Aggregator> make_aggregator(const SmeaOptions& options);

}  // namespace hearsay

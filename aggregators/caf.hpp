#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/covariance_spectrum.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct CafOptions {
  static constexpr std::string_view kKind = "caf";
  static constexpr std::string_view kSummary =
      "Weighted mean that discounts inputs along the direction of largest variance.";
  static constexpr std::string_view kReference = "Allouah, Guerraoui, Stephan, ICML 2025";

  int f = 1;  ///< Bad inputs it stands up to.
  LeadingDirection direction = LeadingDirection::kExact;

  friend bool operator==(const CafOptions&, const CafOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, CafOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
  visit("direction", options.direction,
        "leading eigenvector: exact, or byzfl = one power step from (sin 1, ..., sin d)");
}

/// Covariance-bound agnostic filter: with weights c_i = 1, while sum_i c_i > n - 2f:
///   mu = sum_i c_i x_i / sum_i c_i,  v the leading unit eigenvector of the weighted covariance,
///   tau_i = <x_i - mu, v>^2,  c_i = c_i (1 - tau_i / max_{j: c_j > 0} tau_j).
/// The result is the mu of the least leading eigenvalue met; the first of equals. Each turn
/// takes one input's weight away, so that it ends. Works on one Gram matrix. Infeasible unless
/// n >= 2f + 1. Mixing weights are not used. Space: model (translation-equivariant).
/// Allouah, Guerraoui, Stephan. Towards trustworthy federated learning with untrusted
/// participants. ICML 2025; as implemented in ByzFL.
std::unique_ptr<Aggregator> make_aggregator(const CafOptions& options);

}  // namespace hearsay

#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct CfaOptions {
  static constexpr std::string_view kKind = "cfa";
  static constexpr std::string_view kSummary =
      "Step towards the neighbors' average, weighted by samples.";
  static constexpr std::string_view kReference =
      "Savazzi, Nicoli, Rampa, IEEE Internet of Things Journal 7(5), 2020";
  static constexpr Space kSpace = Space::kModel;

  double epsilon = 0.5;

  friend bool operator==(const CfaOptions&, const CfaOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, CfaOptions& options) {
  visit("epsilon", options.epsilon, Range{.low = 0, .high = 1, .low_open = true},
        "part of the way to the neighbors' average");
}

/// Consensus-based federated averaging (CFA): with |D_j| the training samples of neighbor j,
///   a_ij = |D_j| / sum_k |D_k|,   j and k over the neighbors, not the peer itself,
///   result = w_i + epsilon sum_j a_ij (w_j - w_i).
/// Stable for 0 < epsilon < 1 / max_i sum_j a_ij = 1; with epsilon = 1 the neighbors' average
/// replaces the own model. Returns `own` if no neighbor has samples. The mixing matrix is not
/// used. Space: model (translation-equivariant). Influence of j: epsilon a_ij.
///
/// Savazzi, Nicoli, Rampa. Federated Learning with Cooperating Devices: A Consensus Approach
/// for Massive IoT Networks. IEEE Internet of Things Journal 7(5):4641-4654, 2020.
std::unique_ptr<Aggregator> make_aggregator(const CfaOptions& options);

}  // namespace hearsay

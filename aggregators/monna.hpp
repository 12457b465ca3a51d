#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct MonnaOptions {
  static constexpr std::string_view kKind = "monna";
  static constexpr std::string_view kSummary =
      "Nearest-neighbor averaging (NNA): mean of the own model and the nearest ones.";
  static constexpr std::string_view kReference = "Farhadkhani et al., ICML 2023";
  static constexpr Space kSpace = Space::kModel;

  int f = 1;

  friend bool operator==(const MonnaOptions&, const MonnaOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, MonnaOptions& options) {
  visit("f", options.f, at_least(0), "attackers among the neighbors");
}

/// Nearest-neighbor averaging (NNA), the aggregation of MoNNA: of the n models of a peer and
/// its neighbors the mean of the n - f that are nearest to the peer's own one, itself
/// included. Of equally near ones the lowest sender's count. Feasible if 2 f < n. The mixing
/// matrix is not used. Space: model (translation-equivariant).
///
/// Farhadkhani, Guerraoui, Gupta, Hoang, Pinot, Stephan. Robust Collaborative Learning with
/// Linear Gradient Overhead. ICML 2023. MoNNA also sends momentum; that is up to the optimizer.
std::unique_ptr<Aggregator> make_aggregator(const MonnaOptions& options);

}  // namespace hearsay

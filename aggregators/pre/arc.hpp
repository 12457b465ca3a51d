#pragma once

#include <memory>
#include <string_view>

#include "aggregators/pre/pre_aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct ArcOptions {
  static constexpr std::string_view kKind = "arc";
  static constexpr std::string_view kSummary =
      "Clip the largest inputs to the largest norm of the others.";
  static constexpr Space kSpace = Space::kUpdate;

  int f = 1;  ///< Bad inputs it stands up to.

  friend bool operator==(const ArcOptions&, const ArcOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ArcOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
}

/// Adaptive robust clipping: the k = floor(2 (f / n) (n - f)) inputs of the largest norms are
/// clipped to the (k + 1)-th largest norm. Infeasible unless n >= 2f + 1. Space: update.
/// Allouah, Guerraoui, Gupta, Jellouli, Rizk, Stephan. Adaptive gradient clipping for robust
/// federated learning. ICLR 2025.
std::unique_ptr<PreAggregator> make_pre_aggregator(const ArcOptions& options);

}  // namespace hearsay

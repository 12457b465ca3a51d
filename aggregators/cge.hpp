#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct CgeOptions {
  static constexpr std::string_view kKind = "cge";
  static constexpr std::string_view kSummary = "Mean of the n - f inputs with the smallest norms.";
  static constexpr std::string_view kReference = "Gupta, Liu, Vaidya, DSN-W 2021";
  static constexpr Space kSpace = Space::kUpdate;

  int f = 1;  ///< Bad inputs it stands up to.

  friend bool operator==(const CgeOptions&, const CgeOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, CgeOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
}

/// Comparative gradient elimination: the mean of the n - f inputs with the smallest norms; of
/// equals those of lower peer ids. Infeasible unless n >= 2f + 1. Mixing weights are not used.
/// Space: update.
/// Gupta, Liu, Vaidya. Byzantine fault-tolerant distributed machine learning using stochastic
/// gradient descent (SGD) and norm-based comparative gradient elimination (CGE). DSN-W 2021.
std::unique_ptr<Aggregator> make_aggregator(const CgeOptions& options);

}  // namespace hearsay

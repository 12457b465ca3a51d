#pragma once

#include <memory>
#include <string_view>

#include "aggregators/pre/pre_aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct NnmOptions {
  static constexpr std::string_view kKind = "nnm";
  static constexpr std::string_view kSummary =
      "Replace each input by the mean of its n - f nearest.";

  int f = 1;  ///< Bad inputs it stands up to.

  friend bool operator==(const NnmOptions&, const NnmOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, NnmOptions& options) {
  visit("f", options.f, at_least(0), "inputs left out of each mean; needs n >= 2f + 1 inputs");
}

/// Nearest-neighbor mixing: y_i = mean of the n - f inputs nearest to x_i, x_i itself among
/// them; of equally near ones those of lower peer ids. Works on one Gram matrix. Infeasible
/// unless n >= 2f + 1. Space: model (translation-equivariant).
/// Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan. Fixing by mixing: a recipe for
/// optimal Byzantine ML under heterogeneity. AISTATS 2023.
std::unique_ptr<PreAggregator> make_pre_aggregator(const NnmOptions& options);

}  // namespace hearsay

#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct PhocasOptions {
  static constexpr std::string_view kKind = "phocas";
  static constexpr std::string_view kSummary =
      "Mean of the n - f values of each coordinate that are nearest to its trimmed mean.";
  static constexpr std::string_view kReference = "Xie, Koyejo, Gupta, arXiv:1805.09682, 2018";

  int f = 1;  ///< Values trimmed at each end, and left out of the mean, per coordinate.

  friend bool operator==(const PhocasOptions&, const PhocasOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, PhocasOptions& options) {
  visit("f", options.f, at_least(0), "values trimmed at each end; needs n >= 2f + 1 inputs");
}

/// Phocas: per coordinate the mean of the n - f values nearest to the trimmed mean
/// (trimmed_mean.hpp) with the same f; of equally near ones those of lower peer ids.
/// Infeasible unless n >= 2f + 1. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// Xie, Koyejo, Gupta. Phocas: dimensional Byzantine-resilient stochastic gradient descent.
/// arXiv:1805.09682, 2018.
std::unique_ptr<Aggregator> make_aggregator(const PhocasOptions& options);

}  // namespace hearsay

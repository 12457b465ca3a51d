#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct MeamedOptions {
  static constexpr std::string_view kKind = "meamed";
  static constexpr std::string_view kSummary =
      "Mean of the n - f values of each coordinate that are nearest to its median.";

  int f = 1;  ///< Values left out per coordinate.

  friend bool operator==(const MeamedOptions&, const MeamedOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, MeamedOptions& options) {
  visit("f", options.f, at_least(0), "values left out per coordinate; needs n >= 2f + 1 inputs");
}

/// Mean around the median: per coordinate the mean of the n - f values nearest to the median
/// (the mean of both middle ones for even n); of equally near ones those of lower peer ids.
/// Infeasible unless n >= 2f + 1. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// Xie, Koyejo, Gupta. Generalized Byzantine-tolerant SGD. arXiv:1802.10116, 2018.
std::unique_ptr<Aggregator> make_aggregator(const MeamedOptions& options);

}  // namespace hearsay

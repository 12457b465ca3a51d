#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct TrimmedMeanOptions {
  static constexpr std::string_view kKind = "trimmed_mean";
  static constexpr std::string_view kSummary =
      "Mean without the f smallest and f largest values of each coordinate.";
  static constexpr std::string_view kReference = "Yin, Chen, Ramchandran, Bartlett, ICML 2018";

  int f = 1;  ///< Values dropped at each end of every coordinate.

  friend bool operator==(const TrimmedMeanOptions&, const TrimmedMeanOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, TrimmedMeanOptions& options) {
  visit("f", options.f, at_least(0), "values dropped at each end; needs n >= 2f + 1 inputs");
}

/// Coordinate-wise trimmed mean of the n inputs, own one included: per coordinate, with the
/// values in ascending order, result = (x_(f+1) + ... + x_(n-f)) / (n - 2f). Infeasible unless
/// n >= 2f + 1. Mixing weights are not used. f = 0 is the mean. Space: model
/// (translation-equivariant).
/// Yin, Chen, Ramchandran, Bartlett. Byzantine-robust distributed learning: towards optimal
/// statistical rates. ICML 2018.
std::unique_ptr<Aggregator> make_aggregator(const TrimmedMeanOptions& options);

}  // namespace hearsay

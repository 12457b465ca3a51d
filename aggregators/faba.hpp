#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct FabaOptions {
  static constexpr std::string_view kKind = "faba";
  static constexpr std::string_view kSummary =
      "Mean after removing f times the input farthest from the mean.";
  static constexpr std::string_view kReference = "Xia, Tao, Hao, Li, IJCAI 2019";

  int f = 1;  ///< Bad inputs it stands up to.

  friend bool operator==(const FabaOptions&, const FabaOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FabaOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
}

/// FABA: f times, the input farthest from the mean of those that are left is removed (of equals
/// that of the lowest peer id); the result is the mean of the n - f others. Works on one Gram
/// matrix. Infeasible unless n >= 2f + 1. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// Xia, Tao, Hao, Li. FABA: an algorithm for fast aggregation against Byzantine attacks in
/// distributed neural networks. IJCAI 2019.
std::unique_ptr<Aggregator> make_aggregator(const FabaOptions& options);

}  // namespace hearsay

#pragma once

#include <memory>
#include <string_view>

#include "aggregators/pre/pre_aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct ClippingOptions {
  static constexpr std::string_view kKind = "clipping";
  static constexpr std::string_view kSummary = "Clip each input to a norm.";
  static constexpr Space kSpace = Space::kUpdate;

  double threshold = 2.0;  ///< c: largest norm.

  friend bool operator==(const ClippingOptions&, const ClippingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ClippingOptions& options) {
  visit("threshold", options.threshold, above(0), "largest norm");
}

/// Static clipping: y_i = x_i min(1, c / ||x_i||). Space: update.
std::unique_ptr<PreAggregator> make_pre_aggregator(const ClippingOptions& options);

}  // namespace hearsay

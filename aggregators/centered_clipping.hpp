#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "aggregators/start_point.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct CenteredClippingOptions {
  static constexpr std::string_view kKind = "centered_clipping";
  static constexpr std::string_view kSummary =
      "Mean of the inputs clipped around a center, repeatedly.";
  static constexpr std::string_view kReference = "Karimireddy, He, Jaggi, ICML 2021";
  static constexpr Space kSpace = Space::kUpdate;

  double tau = 10.0;   ///< Clipping radius, in the units of the vectors.
  int iterations = 1;  ///< L.
  StartPoint start = StartPoint::kOwn;

  friend bool operator==(const CenteredClippingOptions&, const CenteredClippingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, CenteredClippingOptions& options) {
  visit("tau", options.tau, above(0), "clipping radius");
  visit("iterations", options.iterations, at_least(1), "times the center moves");
  visit("start", options.start, "first center: zero, own, mean or median of the inputs");
}

/// Centered clipping: from the start v, L times
///   v = v + (1/n) sum_i (x_i - v) min(1, tau / ||x_i - v||).
/// In the space of updates, `zero` is the model before local training. Nothing is remembered
/// from round to round: the start takes the place of the paper's former result. Influence is
/// what a vector's clipped difference contributes. All iterations work on one Gram matrix.
/// Mixing weights are not used. Space: update. ByzFL's is tau 100, iterations 1, start zero.
/// Karimireddy, He, Jaggi. Learning from history for Byzantine robust optimization. ICML 2021.
std::unique_ptr<Aggregator> make_aggregator(const CenteredClippingOptions& options);

}  // namespace hearsay

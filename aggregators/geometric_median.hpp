#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/start_point.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct GeometricMedianOptions {
  static constexpr std::string_view kKind = "geometric_median";
  static constexpr std::string_view kSummary =
      "Point with the least sum of distances from all inputs.";
  static constexpr std::string_view kReference = "Pillutla, Kakade, Harchaoui, IEEE TSP 70, 2022";

  double nu = 1e-6;    ///< Distances below count as this.
  int iterations = 8;  ///< Of Weiszfeld.
  StartPoint start = StartPoint::kMedian;

  friend bool operator==(const GeometricMedianOptions&, const GeometricMedianOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, GeometricMedianOptions& options) {
  visit("nu", options.nu, above(0), "distances below it count as it: smoothing");
  visit("iterations", options.iterations, at_least(1), "Weiszfeld iterations");
  visit("start", options.start, "first point: zero, own, mean or median of the inputs");
}

/// Geometric median (RFA) by the smoothed Weiszfeld iteration: from the start, T times
///   beta_i = 1 / max(nu, ||x_i - z||),  z = sum_i beta_i x_i / sum_i beta_i.
/// An input that equals z weighs 1 / nu: with a small nu the iteration hardly leaves a start
/// at an input (`own`). From `zero` the result depends on the origin, less so with each
/// iteration. All iterations work on one Gram matrix. Stands up to any minority of bad inputs.
/// Mixing weights are not used. Space: model (translation-equivariant, unless from zero).
/// ByzFL's is nu 0.1, iterations 3, start zero.
/// Pillutla, Kakade, Harchaoui. Robust aggregation for federated learning. IEEE TSP 70, 2022.
std::unique_ptr<Aggregator> make_aggregator(const GeometricMedianOptions& options);

}  // namespace hearsay

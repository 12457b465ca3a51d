#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct DncOptions {
  static constexpr std::string_view kKind = "dnc";
  static constexpr std::string_view kSummary =
      "Mean of the inputs that are no spectral outliers on random coordinates.";
  static constexpr std::string_view kReference = "Shejwalkar, Houmansadr, NDSS 2021";

  int f = 1;                         ///< Bad inputs it stands up to.
  int iterations = 1;                ///< Random subsets of coordinates tried.
  std::int64_t coordinates = 10000;  ///< b: size of a subset; all if there are fewer.
  double filter = 1.0;               ///< c: c f inputs, rounded, are removed per iteration.

  friend bool operator==(const DncOptions&, const DncOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DncOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
  visit("iterations", options.iterations, at_least(1), "random subsets of coordinates tried");
  visit("coordinates", options.coordinates, at_least(1), "coordinates in a subset");
  visit("filter", options.filter, at_least(0), "c: c f inputs are removed per iteration");
}

/// Divide and conquer. In each iteration, on b coordinates drawn at random without
/// repetition: with mu the mean and v the top right singular vector of the centered inputs,
/// s_i = <x_i - mu, v>^2; the n - c f inputs with the smallest s_i (of equals those of lower
/// peer ids) are good. The result is the mean of the inputs that are good in all iterations, the
/// own vector if there are none. All peers of a round draw from streams of their own. Infeasible
/// unless n >= 2f + 1 and n > c f. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// Shejwalkar, Houmansadr. Manipulating the Byzantine: optimizing model poisoning attacks and
/// defenses for federated learning. NDSS 2021.
std::unique_ptr<Aggregator> make_aggregator(const DncOptions& options);

}  // namespace hearsay

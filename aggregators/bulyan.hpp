#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct BulyanOptions {
  static constexpr std::string_view kKind = "bulyan";
  static constexpr std::string_view kSummary =
      "Mean around the median of the inputs that Krum selects.";
  static constexpr std::string_view kReference = "El Mhamdi, Guerraoui, Rouault, ICML 2018";

  int f = 1;  ///< Bad inputs it stands up to.

  friend bool operator==(const BulyanOptions&, const BulyanOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, BulyanOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 4f + 3 inputs");
}

/// Bulyan of Krum: theta = n - 2f times, the vector with the least Krum score among those that
/// are left (r of them, scores over max(1, r - f - 2) nearest others) is moved to the selection;
/// then per coordinate the mean of the theta - 2f selected values nearest to the selection's
/// median. Infeasible unless n >= 4f + 3. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// El Mhamdi, Guerraoui, Rouault. The hidden vulnerability of distributed learning in
/// Byzantium. ICML 2018.
std::unique_ptr<Aggregator> make_aggregator(const BulyanOptions& options);

}  // namespace hearsay

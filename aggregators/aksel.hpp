#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct AkselOptions {
  static constexpr std::string_view kKind = "aksel";
  static constexpr std::string_view kSummary =
      "Mean of the inputs nearest to the coordinate-wise median.";
  static constexpr std::string_view kReference = "Boussetta et al., OPODIS 2020";

  /// How many inputs are averaged: the nearer half, or n - f.
  enum class Keep { kHalf, kAllButF };

  int f = 1;  ///< Bad inputs it stands up to.
  Keep keep = Keep::kHalf;

  friend bool operator==(const AkselOptions&, const AkselOptions&) = default;
};

constexpr auto enum_names(AkselOptions::Keep) {
  using Keep = AkselOptions::Keep;
  return std::array{EnumName<Keep>{Keep::kHalf, "half"},
                    EnumName<Keep>{Keep::kAllButF, "all_but_f"}};
}

template <class Visitor>
void describe(Visitor& visit, AkselOptions& options) {
  visit("f", options.f, at_least(0), "bad inputs it stands up to; needs n >= 2f + 1 inputs");
  visit("keep", options.keep, "inputs averaged: half = the nearer (n + 1) / 2, all_but_f = n - f");
}

/// Aksel: with m the coordinate-wise median (the mean of both middle values for even n), the
/// mean of the (n + 1) / 2 inputs, rounded down, with the smallest ||x_i - m||^2, that is those
/// within the lower median of these distances; `all_but_f`: of n - f; of equals those of lower
/// peer ids. Infeasible unless n >= 2f + 1. Mixing weights are not used. Space: model
/// (translation-equivariant).
/// Boussetta, El Mhamdi, Guerraoui, Maurer, Rouault. AKSEL: fast Byzantine SGD. OPODIS 2020.
std::unique_ptr<Aggregator> make_aggregator(const AkselOptions& options);

}  // namespace hearsay

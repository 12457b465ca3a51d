#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct FangTrimmedMeanOptions {
  static constexpr std::string_view kKind = "fang_trimmed_mean";
  static constexpr std::string_view kSummary =
      "Entries just beyond the honest extreme, against the honest mean's sign.";
  static constexpr std::string_view kReference = "Fang, Cao, Jia, Gong, USENIX Security 2020";
  static constexpr Space kSpace = Space::kUpdate;

  double b = 2.0;

  friend bool operator==(const FangTrimmedMeanOptions&, const FangTrimmedMeanOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FangTrimmedMeanOptions& options) {
  visit.required("b", options.b, above(1), "how many times the extreme at most");
}

/// Fang et al.'s full-knowledge attack on trimmed mean and median (directed deviation). Entry
/// by entry, with the least w_min and the largest value w_max of the honest peers that the
/// attacker knows, and s the sign of their mean, a uniform draw from
///   s >= 0:  [w_min / b, w_min] if w_min > 0, else [b w_min, w_min];
///   s < 0:   [w_max, b w_max] if w_max > 0, else [w_max, w_max / b].
/// Space: update (s is the direction in which the honest model changes).
///
/// Fang, Cao, Jia, Gong. Local Model Poisoning Attacks to Byzantine-Robust Federated Learning.
/// USENIX Security 2020 (there b = 2).
std::unique_ptr<Attack> make_attack(const FangTrimmedMeanOptions& options);

}  // namespace hearsay

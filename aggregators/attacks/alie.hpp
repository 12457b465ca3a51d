#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct AlieOptions {
  static constexpr std::string_view kKind = "alie";
  static constexpr std::string_view kSummary =
      "A little is enough: the honest mean, z standard deviations off.";
  static constexpr std::string_view kReference = "Baruch, Baruch, Goldberg, NeurIPS 2019";
  static constexpr Space kSpace = Space::kModel;

  double z = 1.0;

  friend bool operator==(const AlieOptions&, const AlieOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AlieOptions& options) {
  visit.required("z", options.z, "standard deviations above the mean (negative: below)");
}

/// A little is enough (ALIE): entry by entry, with mean mu and sample standard deviation sigma
/// (over n - 1) of the honest peers that the attacker knows,
///   result = mu + z sigma.
/// The paper's largest z that hides among n peers of which m attack is
///   z_max = Phi^-1((n - m - s) / (n - m)),   s = floor(n / 2 + 1) - m.
/// Public codes disagree on the sign: z = 1.5 is ByzFL's, z < 0 that of He, Karimireddy,
/// Jaggi, 2022. Space: model (translation-equivariant).
///
/// Baruch, Baruch, Goldberg. A Little Is Enough: Circumventing Defenses For Distributed
/// Learning. NeurIPS 2019.
std::unique_ptr<Attack> make_attack(const AlieOptions& options);

}  // namespace hearsay

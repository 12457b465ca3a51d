#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct IpmOptions {
  static constexpr std::string_view kKind = "ipm";
  static constexpr std::string_view kSummary =
      "Inner-product manipulation (fall of empires): the honest mean, reversed.";
  static constexpr std::string_view kReference = "Xie, Koyejo, Gupta, UAI 2019";
  static constexpr Space kSpace = Space::kUpdate;

  double epsilon = 0.1;

  friend bool operator==(const IpmOptions&, const IpmOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, IpmOptions& options) {
  visit.required("epsilon", options.epsilon, above(0), "how many times the mean's length");
}

/// Inner-product manipulation (IPM), also fall of empires (FOE): with mu the mean of the honest
/// peers that the attacker knows,
///   result = -epsilon mu.
/// Small epsilon (0.1) passes for honest, large ones (2, 100) outweigh. With epsilon = h / f,
/// h honest peers and f attackers, all updates sum to 0. Space: update (mu is a direction).
///
/// Xie, Koyejo, Gupta. Fall of Empires: Breaking Byzantine-tolerant SGD by Inner Product
/// Manipulation. UAI 2019.
std::unique_ptr<Attack> make_attack(const IpmOptions& options);

}  // namespace hearsay

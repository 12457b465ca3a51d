#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct DissensusOptions {
  static constexpr std::string_view kKind = "dissensus";
  static constexpr std::string_view kSummary =
      "Pull every victim away from its honest neighbors' average.";
  static constexpr std::string_view kReference = "He, Karimireddy, Jaggi, arXiv:2202.01545, 2022";
  static constexpr Space kSpace = Space::kModel;

  double epsilon = 1.0;

  friend bool operator==(const DissensusOptions&, const DissensusOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DissensusOptions& options) {
  visit.required("epsilon", options.epsilon, above(0),
                 "times the honest neighbors' pull; 1 cancels it");
}

/// Dissensus: to victim t, with W the mixing matrix,
///   result = x_t - epsilon sum_{j honest} W(t,j) (x_j - x_t) / sum_{a attacking} W(t,a),
/// j over t's honest neighbors that the attacker knows, a over all of t's attacking neighbors,
/// who all send this. With epsilon = 1 gossip averaging gives the victim its own model back:
/// it is isolated (the weighted isolation attack). Space: model (translation-equivariant).
///
/// He, Karimireddy, Jaggi. Byzantine-Robust Decentralized Learning via ClippedGossip.
/// arXiv:2202.01545, 2022. Isolation: Wu, Chen, Ling, IEEE TSP 71, 2023.
std::unique_ptr<Attack> make_attack(const DissensusOptions& options);

}  // namespace hearsay

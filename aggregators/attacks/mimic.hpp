#pragma once

#include <memory>
#include <string_view>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct MimicOptions {
  static constexpr std::string_view kKind = "mimic";
  static constexpr std::string_view kSummary = "Copy one honest peer, so that it counts too much.";
  static constexpr std::string_view kReference = "Karimireddy, He, Jaggi, ICLR 2022";
  static constexpr Space kSpace = Space::kModel;

  int peer = 0;

  friend bool operator==(const MimicOptions&, const MimicOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, MimicOptions& options) {
  visit.required("peer", options.peer, at_least(0), "whom to copy");
}

/// Mimic: result = x_p, the model of the honest peer p = `peer`; of the next one by id that
/// the attacker knows, the lowest after the highest, if it does not know of p or p attacks.
/// Attackers that copy the same peer make it count (f + 1)-fold where data differ. Space: model
/// (translation-equivariant).
///
/// Karimireddy, He, Jaggi. Byzantine-Robust Learning on Heterogeneous Datasets via Bucketing.
/// ICLR 2022. The heuristic that looks for the most harmful peer is not here: p is given.
std::unique_ptr<Attack> make_attack(const MimicOptions& options);

}  // namespace hearsay

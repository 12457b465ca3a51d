#pragma once

#include <memory>
#include <type_traits>
#include <variant>

#include "aggregators/attacks/alie.hpp"
#include "aggregators/attacks/attack.hpp"
#include "aggregators/attacks/dissensus.hpp"
#include "aggregators/attacks/fang.hpp"
#include "aggregators/attacks/gaussian.hpp"
#include "aggregators/attacks/ipm.hpp"
#include "aggregators/attacks/label_flip.hpp"
#include "aggregators/attacks/mimic.hpp"
#include "aggregators/attacks/min_max.hpp"
#include "aggregators/attacks/sign_flip.hpp"
#include "aggregators/space.hpp"

namespace hearsay {

/// Every attack there is. To add one, add its options here; the contract test, the loader,
/// the schema and `hearsay list attacks` then cover it.
using AttackKind =
    std::variant<SignFlipOptions, GaussianOptions, LabelFlipOptions, AlieOptions, IpmOptions,
                 DissensusOptions, MimicOptions, MinMaxOptions, MinSumOptions,
                 FangTrimmedMeanOptions>;

/// What an item of a scenario's `adversaries` does.
struct AttackOptions {
  AttackKind kind;
  SpaceChoice space = SpaceChoice::kDefault;

  friend bool operator==(const AttackOptions&, const AttackOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AttackOptions& options) {
  visit.kind(options.kind);
  visit("space", options.space, "what is crafted: a model, or an update to the attacker's model");
}

/// Builds the chosen attack, in its own space; null if it acts on data, not on messages. Does
/// not compile if an attack in the list lacks its make_attack overload.
inline std::unique_ptr<Attack> make_chosen(const AttackOptions& options) {
  return std::visit([](const auto& chosen) { return make_attack(chosen); }, options.kind);
}

/// The space in which the chosen attack works.
inline Space space_of(const AttackOptions& options) {
  return std::visit(
      [&](const auto& chosen) {
        return resolve(options.space, space_of<std::decay_t<decltype(chosen)>>());
      },
      options.kind);
}

}  // namespace hearsay

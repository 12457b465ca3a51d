#pragma once

#include <array>

#include "node/base/describe.hpp"

namespace hearsay {

/// What the vectors mean that a rule combines or an attack crafts. With r the model that a
/// peer had before its local training (of a rule: the peer's own one, of an attack: the
/// attacker's),
///   model    the models themselves;
///   update   x - r for every model x; r is added to the result.
/// Rules that commute with translations give the same in both. What goes by norms, angles or
/// signs does not, and means changes, not places: it says `update`. The options of each rule
/// and attack say which is theirs:
///   static constexpr Space kSpace = Space::kUpdate;
/// where there is no such line, it is `model`.
enum class Space { kModel, kUpdate };

/// What a scenario says: a space, or the one of the rule or attack.
enum class SpaceChoice { kDefault, kModel, kUpdate };

constexpr auto enum_names(SpaceChoice) {
  return std::array{EnumName<SpaceChoice>{SpaceChoice::kDefault, "default"},
                    EnumName<SpaceChoice>{SpaceChoice::kModel, "model"},
                    EnumName<SpaceChoice>{SpaceChoice::kUpdate, "update"}};
}

/// The space of options of this type.
template <class Options>
constexpr Space space_of() {
  if constexpr (requires { Options::kSpace; }) {
    return Options::kSpace;
  } else {
    return Space::kModel;
  }
}

/// The space that holds where the options' own one is `own`.
constexpr Space resolve(SpaceChoice choice, Space own) {
  if (choice == SpaceChoice::kDefault) return own;
  return choice == SpaceChoice::kModel ? Space::kModel : Space::kUpdate;
}

}  // namespace hearsay

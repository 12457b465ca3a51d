#pragma once

#include <span>

#include "node/base/parameter_layout.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

/// The newest vector of an honest peer that an attacker knows.
struct KnownModel {
  PeerId peer = 0;
  std::span<const float> values;
};

/// An honest neighbor of a victim.
struct VictimNeighbor {
  PeerId peer = 0;
  double weight = 0.0;  ///< W(victim, peer) of the mixing matrix.
  std::span<const float> values;
};

/// The receiver of a message, as attacks see it that send everybody something else.
struct Victim {
  PeerId peer = 0;
  std::span<const float> values;           ///< Its own newest vector.
  std::span<const VictimNeighbor> honest;  ///< Those that the attacker knows, ascending.
  double attacking_weight = 0.0;           ///< Sum of W(victim, a) over attackers a; above 0.
};

/// What an attack starts from. All spans have the layout's size and lie in the attack's space
/// (space.hpp).
struct AttackInput {
  /// What the attacker would send if it were honest.
  std::span<const float> own;

  /// What it knows of honest peers, ascending by peer. Never empty: an attacker that knows of
  /// nobody, or only of itself, finds `own` here, under its own id.
  std::span<const KnownModel> honest;

  /// Null unless the attack is per_receiver().
  const Victim* victim = nullptr;
};

/// What surrounds an attack.
struct AttackContext {
  const ParameterLayout& layout;
  PeerId attacker = 0;
  int round = 0;      ///< Of the message.
  Rng rng{0};         ///< Of this attacker and round; of all colluders in this round.
  int peers = 0;      ///< In all.
  int attackers = 0;  ///< Of these, in all.
};

/// What a Byzantine peer sends in place of its model. One object serves all attackers that a
/// scenario's item names, on one thread at a time.
///
/// Contract, checked for every attack by tests/aggregators/attack_test.cpp. An attack MUST
///   1. be a pure function of its arguments: no state, clock or global;
///   2. write all of `result` and nothing else; `result` never overlaps an input;
///   3. write only finite numbers when all inputs are small, unless its purpose is another;
///   4. have no default for its strength: describe() calls visit.required() for it.
class Attack {
 public:
  virtual ~Attack() = default;

  /// REQUIRES: result.size() == context.layout.size().
  virtual void craft(const AttackInput& input, const AttackContext& context,
                     std::span<float> result) const = 0;

  /// True if it sends each receiver something else, and so needs AttackInput::victim. It then
  /// has to know more than itself.
  virtual bool per_receiver() const { return false; }
};

}  // namespace hearsay

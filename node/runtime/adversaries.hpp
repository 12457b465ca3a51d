#pragma once

#include <array>
#include <memory>
#include <vector>

#include "aggregators/attacks/attack.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"
#include "topologies/mixing_matrix.hpp"

namespace hearsay {

/// What an attacker knows of honest peers.
enum class Knowledge {
  kOmniscient,    ///< The newest model that each has sent to anybody, as soon as it is sent.
  kNeighborhood,  ///< The newest model that each has sent to it, once it has been delivered.
  kSelf,          ///< Nothing.
};

constexpr auto enum_names(Knowledge) {
  return std::array{EnumName<Knowledge>{Knowledge::kOmniscient, "omniscient"},
                    EnumName<Knowledge>{Knowledge::kNeighborhood, "neighborhood"},
                    EnumName<Knowledge>{Knowledge::kSelf, "self"}};
}

/// Attackers that do the same.
struct AdversaryGroup {
  std::vector<PeerId> peers;       ///< Ascending, each once.
  std::unique_ptr<Attack> attack;  ///< Null: their data are poisoned, their messages honest.
  Space space = Space::kModel;
  Knowledge knowledge = Knowledge::kOmniscient;
  bool collusion = true;           ///< They share what they know, and draw the same numbers.
  SimTime from;                    ///< What they send earlier is honest.
  SimTime until = SimTime::max();  ///< Likewise from then on.
  Rng rng{0};
};

/// Who attacks, when and how: does not change during a run. Safe to share between threads,
/// but for the attacks themselves.
class Adversaries {
 public:
  Adversaries() = default;  ///< Nobody.

  /// The mixing matrix outlives it. REQUIRES: no peer is in two groups.
  Adversaries(std::vector<AdversaryGroup> groups, const MixingMatrix& mixing);

  bool empty() const { return peers_.empty(); }

  /// Whether some attack acts on messages.
  bool act_on_messages() const;

  /// All attackers, ascending.
  const std::vector<PeerId>& peers() const { return peers_; }

  /// Whether the peer is an attacker, now or at another time.
  bool is_attacker(PeerId peer) const;

  /// The number of its group. REQUIRES: is_attacker(peer).
  std::size_t group_number(PeerId peer) const {
    return static_cast<std::size_t>(group_of_[static_cast<std::size_t>(peer)]);
  }

  /// Its group; null if it is honest.
  const AdversaryGroup* group_of(PeerId peer) const;

  /// Whether the models are crafted that the peer sends at `now`.
  bool crafts(PeerId peer, SimTime now) const;

  /// W of the peers. REQUIRES: not empty().
  const MixingMatrix& mixing() const { return *mixing_; }

  /// The largest number of attackers among one honest peer's neighbors.
  int most_attacking_neighbors() const;

 private:
  std::vector<AdversaryGroup> groups_;
  const MixingMatrix* mixing_ = nullptr;
  std::vector<PeerId> peers_;
  std::vector<int> group_of_;  ///< By peer; -1: honest. Empty if there is nobody.
};

}  // namespace hearsay

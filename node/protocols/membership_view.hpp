#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/peer_id.hpp"

namespace hearsay {

/// What a peer last said of its own membership.
enum class MembershipChange : std::uint8_t { kJoin = 0, kLeave = 1 };

/// One entry of a view.
struct MembershipRecord {
  PeerId peer = 0;
  int last_active = 0;       ///< Newest round in which it is known to have been active.
  std::int64_t counter = 0;  ///< Counts the peer's own changes: the larger one is newer.
  MembershipChange change = MembershipChange::kJoin;
};

/// What one peer believes of who takes part: MoDeST's population view, a state-based CRDT.
/// Of each peer it knows, apart from each other,
///   r       the newest round in which that one was active, a maximum;
///   (c, e)  its newest membership record, a register in which the larger counter c wins;
///           of equal counters, which an honest peer does not issue, LEAVE wins.
/// merge() is the least upper bound: commutative, associative, idempotent, monotone. So
/// views do not depend on the order in which news come, nor on how often.
///
/// The authors' code sets r to c when a newer membership record comes; here r never falls.
///
/// A value type: sorted flat arrays, 16 bytes an entry, in memory and on the wire.
class MembershipView {
 public:
  static constexpr int kMaxRound = 1 << 30;
  static constexpr std::int64_t kMaxCounter = std::numeric_limits<std::int64_t>::max() / 4;

  /// Takes over what the other view knows better.
  void merge(const MembershipView& other);

  /// The same for one entry. REQUIRES: peer >= 0, 0 <= last_active <= kMaxRound,
  /// 0 <= counter <= kMaxCounter.
  void add(const MembershipRecord& record);

  /// A known peer was active in this round; nothing if the peer is unknown.
  /// REQUIRES: 0 <= round <= kMaxRound.
  void touch(PeerId peer, int round);

  /// All peers with a record, ascending.
  std::span<const PeerId> peers() const { return peers_; }

  /// Newest round of any entry; 0 if there is none.
  int newest_round() const;

  /// Those whose newest record is no LEAVE, ascending.
  std::vector<PeerId> members() const;

  /// Those of them that were active in or after round - window, and `self` in any case,
  /// ascending: who may be in the sample of `round`.
  std::vector<PeerId> candidates(int round, int window, PeerId self) const;

  /// Saves or restores; also how a view travels. Loading refuses what no view can hold:
  /// arrays of unequal size, peers out of order, numbers out of range.
  void persist(Archive& archive);

  friend bool operator==(const MembershipView&, const MembershipView&) = default;

 private:
  bool is_sound() const;
  bool is_member(std::size_t index) const { return registers_[index] % 2 == 0; }
  void add(PeerId peer, std::int32_t last_active, std::int64_t newest);

  // In parallel. A register is 2 c + e, so that the newer of two is the larger number.
  std::vector<PeerId> peers_;  ///< Ascending.
  std::vector<std::int32_t> last_active_;
  std::vector<std::int64_t> registers_;
};

}  // namespace hearsay

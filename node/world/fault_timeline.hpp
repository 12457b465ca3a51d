#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"
#include "node/world/pace.hpp"
#include "node/world/skewed_clock.hpp"
#include "node/world/time_intervals.hpp"

namespace hearsay {

/// What happens to a peer.
enum class PeerChangeKind : std::uint8_t {
  kCrash,               ///< Stops silently; keeps what it had stored.
  kCrashWithStateLoss,  ///< Stops silently; forgets everything.
  kRestart,             ///< Comes back after a crash.
  kLeave,               ///< Announces that it goes, then goes; forgets everything.
  kJoin,                ///< Comes, for the first time or after leaving, with nothing.
  kFreeze,              ///< Stops computing and reading; hardware goes on receiving.
  kThaw,                ///< Goes on where it was frozen.
};

/// One change of a peer's state.
struct PeerChange {
  SimTime time;
  PeerChangeKind kind = PeerChangeKind::kCrash;

  friend bool operator==(const PeerChange&, const PeerChange&) = default;
};

/// Something that happens to the network, for the record.
struct WorldNote {
  SimTime time;
  std::string kind;     ///< E.g. "partition", "heal", "link_down".
  std::string details;  ///< E.g. "[0-7] [8-15]".

  friend bool operator==(const WorldNote&, const WorldNote&) = default;
};

/// Everything that will go wrong in a run, and when. Known in full from the start, drawn
/// from streams of its own, so that all questions are pure functions of time: event loops
/// need not tell each other, and nothing of it enters a checkpoint. Intervals are closed
/// at their beginning and open at their end: a peer that crashes at t and restarts at u
/// is down in [t, u). Immutable; safe to share between threads. Made by
/// FaultTimelineBuilder (fault_timeline_builder.hpp), which says how faults that overlap
/// add up. Every question takes O(log changes of the peer or link), and a constant time
/// where there are none; partitions that overlap the time asked for are gone through one
/// by one. REQUIRES everywhere: times >= 0, first <= last.
class FaultTimeline {
 public:
  /// Nothing ever goes wrong.
  FaultTimeline() = default;

  /// True if nothing ever goes wrong.
  bool is_empty() const;

  /// A peer's changes, ascending by time. It goes down and comes up in turn; what comes
  /// up frozen freezes at the same time, next in the list; what goes down is thawed by it.
  std::span<const PeerChange> changes(PeerId peer) const;

  /// False for peers that join later.
  bool is_present_at_start(PeerId peer) const;

  /// Whether the peer is running (or frozen) at `time`.
  bool is_up(PeerId peer, SimTime time) const;

  /// Whether it is during all of [first, last].
  bool is_up_throughout(PeerId peer, SimTime first, SimTime last) const;

  /// `time`, or when the peer thaws (or goes down) if it is frozen then; SimTime::max()
  /// for never.
  SimTime thaw_time(PeerId peer, SimTime time) const;

  /// When a peer that begins at `start` has done what takes it `work` at full speed:
  /// slow-downs stretch it, freezes interrupt it (pace.hpp). Going down is not looked at.
  /// SimTime::max() for never.
  SimTime finish(PeerId peer, SimTime start, SimTime work) const;

  /// False from when the peer lost its training data on.
  bool owns_data(PeerId peer, SimTime time) const;

  /// Whether two peers can reach each other during all of [first, last]: no partition
  /// separates them, no link between them is down, neither has lost all its links. A peer
  /// always reaches itself.
  bool is_connected_throughout(PeerId a, PeerId b, SimTime first, SimTime last) const;

  /// Whether message number `sequence` of `from`, sent at `time`, is altered on its way: a
  /// pure function of the three, independent between any two pairs (from, sequence).
  bool corrupts(PeerId from, std::uint64_t sequence, SimTime time) const;

  /// What the peer's own clock shows at `time` (skewed_clock.hpp). Monotone in `time`.
  SimTime local_time(PeerId peer, SimTime time) const;

  /// When a timer set at `now` for `delay` of the peer's own clock goes off: as soon as the
  /// clock shows `delay` more than at `now`. SimTime::max() for never.
  SimTime timer_due(PeerId peer, SimTime now, SimTime delay) const;

  /// What happens to the network, ascending by time.
  std::span<const WorldNote> notes() const { return notes_; }

 private:
  friend class FaultTimelineBuilder;

  /// From `begin` to the next one's, messages are altered with this probability.
  struct Corruption {
    SimTime begin;
    double share = 0.0;
  };

  /// What happens to one peer. Intervals are as merged() returns them.
  struct PeerRecord {
    std::vector<PeerChange> changes;
    std::vector<TimeInterval> down;  ///< Begins before 0: not there at the start.
    std::vector<TimeInterval> frozen;
    std::vector<TimeInterval> isolated;
    std::vector<Corruption> corruption;
    SimTime data_lost = SimTime::max();
    Pace pace;
    SkewedClock clock;
    bool has_link_downs = false;
  };

  struct LinkRecord {
    PeerId low = 0;
    PeerId high = 0;
    std::vector<TimeInterval> down;
  };

  struct Partition {
    TimeInterval when;
    std::vector<std::int32_t> group_of_peer;
  };

  const PeerRecord* record(PeerId peer) const;
  bool is_link_down_within(PeerId a, PeerId b, SimTime first, SimTime last) const;

  std::vector<std::int32_t> record_of_peer_;  ///< -1: none. Empty: no peer has any.
  std::vector<PeerRecord> records_;
  std::vector<LinkRecord> links_;      ///< Ascending by (low, high).
  std::vector<Partition> partitions_;  ///< Ascending and disjoint.
  std::vector<WorldNote> notes_;
  std::uint64_t corruption_key_ = 0;
};

}  // namespace hearsay

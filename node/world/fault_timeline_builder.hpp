#pragma once

#include <cstdint>
#include <vector>

#include "node/base/rng.hpp"
#include "node/world/fault_timeline.hpp"

namespace hearsay {

/// How a peer goes down, and with what it comes back.
enum class Departure : std::uint8_t {
  kCrash,               ///< Silently; restarts with what it had stored.
  kCrashWithStateLoss,  ///< Silently; restarts with nothing.
  kLeave,               ///< Announced; joins with nothing.
};

/// Collects faults in any order, overlapping at will, and makes a FaultTimeline of them.
/// What overlaps adds up, whoever asked for it:
///   down        the union; one that touches the next is one with it. The earliest (of
///               equals the later Departure above) says how the peer goes and comes back;
///               a crash loses state if any of those united with it does.
///   frozen      the union, less the times at which the peer is down.
///   slow        factors multiply.
///   links       the union.
///   corrupted   independently: 1 - (1 - p)(1 - q).
///   partitions  must not overlap.
class FaultTimelineBuilder {
 public:
  /// The `begin` of a peer's down time if it is not there at the start.
  static constexpr SimTime kBeforeStart{-1};

  /// `rng` decides which messages are corrupted; nothing else is drawn.
  FaultTimelineBuilder(int num_peers, const Rng& rng);

  // REQUIRES in all that follows: peers 0 .. num_peers - 1, interval not empty, its begin
  // at least 0.

  /// `when` may begin at kBeforeStart if `departure` is kLeave.
  void add_down(PeerId peer, TimeInterval when, Departure departure);

  void add_freeze(PeerId peer, TimeInterval when);

  /// REQUIRES: factor > 0.
  void add_slow_down(PeerId peer, TimeInterval when, double factor);

  /// The peer loses all its links.
  void add_isolation(PeerId peer, TimeInterval when);

  /// REQUIRES: a != b.
  void add_link_down(PeerId a, PeerId b, TimeInterval when);

  /// Only peers of equal number reach each other. REQUIRES: one number per peer; the
  /// interval overlaps no other partition's.
  void add_partition(std::vector<std::int32_t> group_of_peer, TimeInterval when);

  /// Each message sent is altered with probability `share`. REQUIRES: 0 <= share <= 1.
  void add_corruption(PeerId peer, TimeInterval when, double share);

  /// The peer owns no training data from `time` on; of several times the earliest counts.
  /// REQUIRES: time >= 0.
  void add_data_loss(PeerId peer, SimTime time);

  /// The clock of skewed_clock.hpp; a later call replaces an earlier one.
  void set_clock(PeerId peer, double rate, SimTime offset);

  /// Notes of equal time stay in the order in which they were added.
  void add_note(WorldNote note);

  FaultTimeline build() const;

 private:
  struct Down {
    TimeInterval when;
    Departure departure = Departure::kCrash;
  };

  struct Corruption {
    TimeInterval when;
    double share = 0.0;
  };

  /// What was added for one peer.
  struct PeerFaults {
    std::vector<Down> down;
    std::vector<TimeInterval> frozen;
    std::vector<SlowSpan> slow;
    std::vector<TimeInterval> isolated;
    std::vector<Corruption> corruption;
    SimTime data_lost = SimTime::max();
    SkewedClock clock;
    bool has_link_downs = false;
  };

  struct LinkDown {
    PeerId low = 0;
    PeerId high = 0;
    TimeInterval when;
  };

  PeerFaults& faults_of(PeerId peer);
  static std::vector<Down> united(std::vector<Down> downs);
  static std::vector<PeerChange> changes_of(const std::vector<Down>& downs,
                                            const std::vector<TimeInterval>& frozen);
  static std::vector<FaultTimeline::Corruption> corruption_of(const std::vector<Corruption>& spans);
  static FaultTimeline::PeerRecord record_of(const PeerFaults& faults);
  std::vector<FaultTimeline::LinkRecord> link_records() const;

  int num_peers_;
  std::uint64_t corruption_key_;
  std::vector<std::int32_t> index_of_peer_;  ///< -1: none. Empty: no peer has any.
  std::vector<PeerFaults> peers_;
  std::vector<LinkDown> links_;
  std::vector<FaultTimeline::Partition> partitions_;
  std::vector<WorldNote> notes_;
};

}  // namespace hearsay

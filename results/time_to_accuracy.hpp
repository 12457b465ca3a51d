#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"
#include "results/records.hpp"

namespace hearsay {

class Archive;

/// What three clocks show: rounds, time of the run, bytes that one peer received.
struct ClockReading {
  std::int64_t round = 0;
  SimTime time;
  std::int64_t bytes_received = 0;

  void persist(Archive& archive);
};

/// When the peers reached a target, on one clock and in its unit.
///
/// tau_i is the reading of peer i's clock when it reached the target, T_i its reading at
/// the end of the run; a peer that did not reach it is censored: all that is known of its
/// tau_i is that it exceeds T_i.
struct ClockTimes {
  /// The restricted mean (1/n) sum_i min(tau_i, T_i): censored peers count with T_i, so
  /// that with censored peers this is a lower bound of the mean.
  double node_averaged = kMissing;

  /// Percentiles (as percentile_of) and maximum of tau_i with censored peers above all
  /// others; kMissing where the result would depend on a censored peer.
  double median = kMissing;
  double p95 = kMissing;
  double slowest = kMissing;

  /// node_averaged / max_i min(tau_i, T_i), in (0, 1]; 1 if all peers are alike, small if
  /// a few hold up the rest. 1 if all times are 0.
  double straggler_ratio = kMissing;
};

/// When the peers of a run reached a target accuracy. Without peers all times are missing.
///
/// Node-averaged time: L. Feuilloley. How Long It Takes for an Ordinary Node with an
/// Ordinary ID to Output? SIROCCO 2017, arXiv:1704.05739.
struct TimeToAccuracy {
  double target = 0.0;
  std::int64_t peers = 0;         ///< Honest peers that took part, departed ones included.
  std::int64_t censored = 0;      ///< Of those, the ones that did not reach the target.
  double fraction_reached = 0.0;  ///< 1 - censored / peers; 0 without peers.
  ClockTimes rounds;
  ClockTimes seconds;
  ClockTimes bytes_received;
};

/// For how long an accuracy must stay to count as reached.
struct TargetHold {
  int evaluations = 2;      ///< w: evaluations that must follow; 0: none. REQUIRES: >= 0.
  double tolerance = 0.01;  ///< eps: by how much those may be lower. REQUIRES: >= 0.

  friend bool operator==(const TargetHold&, const TargetHold&) = default;
};

/// Finds, evaluation by evaluation, when each peer reaches each target accuracy theta:
/// tau_i is peer i's clock at its first evaluation k with
///   a_k >= theta  and  a_(k+1), ..., a_(k+w) >= theta - eps.
/// Where fewer than w evaluations of the peer follow, because the run ends or the peer
/// departs, those that there are decide: an accuracy first reached at the last evaluation
/// counts. Once found, tau_i stays, whatever becomes of the peer.
///
/// A peer's clocks start when it joins. Rounds and seconds then pass for it until the last
/// evaluation or join of any peer, also if it is slow, down or gone (so that an early death
/// never shortens the mean); the bytes are its own, up to its last row. A peer that leaves and
/// joins again remains one peer, whose clocks have run on.
///
/// Memory: about 32 bytes per target and peer.
class TargetTimes {
 public:
  /// REQUIRES: targets are not NaN.
  TargetTimes(std::vector<double> targets, TargetHold hold);

  /// The peer takes part, its clocks starting at this reading; later calls for the same
  /// peer change nothing. To be called for each honest peer that is evaluated: at the
  /// start of the run with a reading of zero, at a later join with that of the moment.
  /// So a peer that departs before its first evaluation is censored, not forgotten.
  void start(PeerId peer, const ClockReading& reading = {});

  /// One evaluation of one peer; the clocks of a peer must not run backwards. Peers that
  /// are not honest are left out; one that was not announced by start() started at zero.
  /// A row of a peer that is not alive or lacks an accuracy is no evaluation: it advances
  /// the clocks only.
  void record(const PeerRow& row);

  /// One per target, in the order given.
  std::vector<TimeToAccuracy> results() const;

  /// When the peers that reached the target did so, in seconds from each one's start,
  /// ascending. REQUIRES: target < number of targets.
  std::vector<double> seconds_reached(std::size_t target) const;

  /// Saves or restores everything but the targets and the hold, which must be the same.
  void persist(Archive& archive);

 private:
  /// A peer that takes part, and what its bytes were last.
  struct Participant {
    bool is_known = false;
    ClockReading start;
    std::int64_t bytes_received = 0;

    void persist(Archive& archive);
  };

  /// How a peer stands with a target.
  struct Attempt {
    std::int64_t held = -1;  ///< Evaluations since it was reached; -1: it is not.
    ClockReading reached;    ///< Then, since the peer's start.

    void persist(Archive& archive);
  };

  void advance(Attempt& attempt, double target, double accuracy, const ClockReading& now) const;
  TimeToAccuracy result(std::size_t target) const;

  std::vector<double> targets_;
  TargetHold hold_;
  std::vector<Participant> participants_;       ///< By peer.
  std::vector<std::vector<Attempt>> attempts_;  ///< By target, then peer.
  std::int64_t last_round_ = 0;                 ///< Of any peer.
  SimTime last_time_;                           ///< Of any peer.
};

}  // namespace hearsay

#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "node/base/digest.hpp"
#include "node/net/transport.hpp"
#include "node/runtime/peer_loop.hpp"

namespace hearsay {

/// A peer that cannot go on, and for whom it waits.
struct WaitingPeer {
  PeerId peer = 0;
  std::vector<PeerId> waits_for;
};

/// How a run ended, and what it did in all.
struct SimulationOutcome {
  enum class Status { kDone, kInterrupted, kStalled };

  Status status = Status::kDone;
  SimTime end;                       ///< Time of the last event.
  std::vector<WaitingPeer> waiting;  ///< If stalled: who waits for whom, ascending.

  /// Over the final models in peer order; nothing unless the run is done.
  std::optional<Digest> model_digest;
  Digest event_digest = 0;  ///< Over every peer's ordered events, in peer order.

  PeerCounters totals;  ///< Summed over the peers.
  NetworkUse network;
  std::int64_t events = 0;
  int live_peers = 0;  ///< Up at the end.
  int lost_peers = 0;  ///< Down at the end, before they had done all they had to do.

  /// CPU seconds; nothing for cheap problems, whose work is not timed piece by piece.
  std::optional<double> training_seconds;
  std::optional<double> aggregation_seconds;
};

/// How the work of a simulation is laid out; none of it changes its results.
struct SimulationLayout {
  TransportKind transport = TransportKind::kInproc;
  RunIdentity identity;

  /// Event loops, each on a thread of its own. More than one REQUIRES: a cheap problem
  /// and a network with a positive latency. They advance together in windows of that
  /// latency: what is sent in one window arrives in a later one, so that the loops need
  /// not wait for each other within.
  int loops = 1;
};

/// The number of loops that serves a simulation best: 1, or up to `workers` for cheap
/// problems with many peers and a positive latency.
int suggested_loops(const LearningProblem& problem, const NetworkModel& network, int num_peers,
                    int workers);

/// When all peers are looked at at once, and when the run ends at the latest.
struct SamplingPlan {
  SimTime every = SimTime::max();  ///< Also at the very end. max(): never.

  /// No event at this time or later happens. Peers that have not finished by then are as
  /// good as finished, with the newest model that they have.
  SimTime until = SimTime::max();
};

/// When a running simulation stands still between two events, so that it can be saved:
/// when the observer wants it, and every so much virtual time. Several loops pause between
/// two windows only, so not in the last one.
struct PausePlan {
  SimTime every = SimTime::max();
  std::function<void()> on_pause;  ///< On the thread that called run().
};

/// How far a simulation has come.
struct SimulationProgress {
  std::int64_t events = 0;
  std::int64_t samples = 0;  ///< Training samples processed.
};

/// Runs peers in virtual time until nothing is left to happen. The calling thread runs
/// the first loop and tells the observer.
class Simulation {
 public:
  /// The observer outlives the simulation. REQUIRES: world.keep_latest, if the sampling
  /// plan is not empty.
  Simulation(SimulationWorld world, const SimulationLayout& layout, SimulationObserver& observer,
             const SamplingPlan& sampling = {});
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Cancels all jobs of the pool.
  ~Simulation();

  /// Once per object. @throws whatever a job, a link or a pause threw.
  SimulationOutcome run(const PausePlan& pauses = {});

  /// Saves or restores everything between two events, network and messages under way
  /// included: before run() to restore, in a pause or after run() to save. What is saved
  /// does not depend on workers or loops. Waits for jobs under way.
  void persist(Archive& archive);

  SimTime now() const;  ///< Time of the last event.
  SimulationProgress progress() const;

 private:
  class Windows;

  void run_alone(const PausePlan& pauses);
  bool is_over(SimTime next);
  SimTime stop_after(SimTime next) const;
  void sample_before(SimTime next);
  void sample(SimTime time, bool is_last);
  void run_together(const PausePlan& pauses);
  std::vector<PendingEvent> pending_events();
  SimulationOutcome conclude() const;

  SimulationWorld world_;
  SimulationObserver& observer_;
  SamplingPlan sampling_;
  SimTime next_sample_;
  std::vector<DelayedObserver> delayed_;  ///< One per loop, if there are several.
  LoopMap map_;
  std::vector<PeerLoop> loops_;
  bool is_restored_ = false;
  bool has_ended_ = false;  ///< Nothing was left to happen before the end.
  bool is_cut_ = false;     ///< Something was left to happen at `until` or later.
};

}  // namespace hearsay

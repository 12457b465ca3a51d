#pragma once

#include <memory>
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
  std::int64_t events = 0;
  std::int64_t messages_refused = 0;  ///< Not wanted by the receiver's protocol or codec.

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

/// Runs peers in virtual time until nothing is left to happen. The calling thread runs
/// the first loop and tells the observer.
class Simulation {
 public:
  /// One protocol per peer, in peer order. The observer outlives the simulation.
  Simulation(SimulationWorld world, const SimulationLayout& layout,
             std::vector<std::unique_ptr<Protocol>> protocols, SimulationObserver& observer);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  ~Simulation();

  /// Once per object. @throws whatever a job or a link threw.
  SimulationOutcome run();

 private:
  class Windows;

  void run_together();
  SimulationOutcome conclude() const;

  SimulationWorld world_;
  SimulationObserver& observer_;
  std::vector<DelayedObserver> delayed_;  ///< One per loop, if there are several.
  std::vector<PeerLoop> loops_;
};

}  // namespace hearsay

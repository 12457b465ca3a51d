#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "node/base/digest.hpp"
#include "node/base/rng.hpp"
#include "node/codecs/codec.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/net/exchange.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/compute_model.hpp"
#include "node/runtime/event_queue.hpp"
#include "node/runtime/job_pool.hpp"
#include "node/runtime/network_model.hpp"

namespace hearsay {

/// What one peer has done so far.
struct PeerCounters {
  std::int64_t steps = 0;    ///< Local steps.
  std::int64_t samples = 0;  ///< Training samples processed, with repetition.
  std::int64_t bytes_sent = 0;
  std::int64_t bytes_received = 0;
};

/// What the whole run has done so far.
struct RunCounters {
  std::int64_t events = 0;
  std::int64_t messages_sent = 0;
  std::int64_t messages_lost = 0;     ///< Dropped by the network model.
  std::int64_t messages_refused = 0;  ///< Not wanted by the receiver's protocol or codec.
  std::int64_t bytes_sent = 0;
  std::int64_t models_heard = 0;   ///< Received models that went into an aggregation.
  std::int64_t staleness_sum = 0;  ///< Rounds by which those lagged behind, summed.
};

/// A peer that waits, and for whom.
struct WaitingPeer {
  PeerId peer = 0;
  std::vector<PeerId> waits_for;
};

/// How a run ended.
struct SimulationOutcome {
  enum class Status { kDone, kInterrupted, kStalled };

  Status status = Status::kDone;
  SimTime end;                       ///< Time of the last event.
  std::vector<WaitingPeer> waiting;  ///< If stalled: who waits for whom, ascending.
  Digest model_digest = 0;           ///< Over the last models of all peers; see run().
  Digest event_digest = 0;           ///< Over every peer's ordered events.
};

/// Is told what happens, on the loop thread, at the virtual time it happens.
class SimulationObserver {
 public:
  virtual ~SimulationObserver() = default;

  /// A peer has finished a round. `trained` is its model before aggregation, if the
  /// simulation was asked to keep it, else empty. Keeping a buffer is allowed; it makes
  /// the peer's next training work on a copy.
  virtual void on_round(PeerId peer, const RoundReport& report, const ModelBuffer& trained,
                        SimTime now) = 0;

  /// A peer's training gave a loss or a parameter that is not finite.
  virtual void on_diverged(PeerId peer, SimTime now) = 0;

  /// A delivered message was refused.
  virtual void on_refused(PeerId peer, const Envelope& envelope, SimTime now) = 0;
};

/// Everything a simulation runs on. All references outlive it.
struct SimulationInputs {
  const LearningProblem& problem;
  const Aggregator& aggregator;
  const Codec& codec;
  std::uint32_t codec_number = 0;  ///< What the codec is called on the wire.
  ComputeModel compute;
  NetworkModel network;
  Exchange& exchange;
  JobPool& pool;
  Rng aggregation_rng;
  bool keep_trained = false;       ///< Hand the model before aggregation to the observer.
  const std::atomic<bool>& stop;   ///< Set from outside to end the run early.
};

/// Runs peers in virtual time: takes events in their total order, calls the peer's
/// protocol and carries out its effects. Training and aggregation are started at once
/// and waited for only when the event that needs them is due, so that the work of
/// different peers runs in parallel and no result depends on the number of workers.
/// Everything but the jobs happens on the calling thread.
class Simulation {
 public:
  /// One protocol per peer, in peer order.
  Simulation(SimulationInputs inputs, std::vector<std::unique_ptr<Protocol>> protocols,
             SimulationObserver& observer);
  ~Simulation();

  /// Runs until every peer has finished, nothing can happen any more, or `stop` is set.
  /// The model digest covers, in peer order, the final model of every peer that has
  /// finished (all of them if the status is kDone).
  SimulationOutcome run();

  const RunCounters& counters() const { return counters_; }
  const PeerCounters& peer_counters(PeerId peer) const;

  /// CPU seconds of training and of aggregation jobs; work of cheap problems, which is
  /// not handed to other threads, is not timed.
  double training_seconds() const;
  double aggregation_seconds() const;

 private:
  struct Peer;

  void prefetch() const;
  void handle(const Event& event, Peer& peer);
  void on_arrived(const Event& event, Peer& peer);
  void on_delivered(const Event& event, Peer& peer);
  void on_trained(const Event& event, Peer& peer);
  void on_aggregated(const Event& event, Peer& peer);
  void apply_effects(PeerId id, Peer& peer);
  void send(Message message, Peer& peer);
  void start_training(PeerId id, Peer& peer, ModelBuffer model);
  void start_aggregation(PeerId id, Peer& peer, AggregationRequest request);
  ModelBuffer aggregate(PeerId id, const AggregationRequest& request) const;
  void push_own(PeerId id, EventKind kind, SimTime time);
  SimulationOutcome conclude(bool interrupted);

  SimulationInputs in_;
  SimulationObserver& observer_;
  std::unique_ptr<EventQueue> queue_;
  std::vector<Peer> peers_;
  Effects effects_;
  SimTime now_;
  std::size_t finished_ = 0;
  RunCounters counters_;
  ModelBuffer last_encoded_;  ///< With its payload: neighbors get one model in turn.
  Buffer last_payload_;
  std::atomic<std::int64_t> training_nanoseconds_{0};
  mutable std::atomic<std::int64_t> aggregation_nanoseconds_{0};
};

}  // namespace hearsay

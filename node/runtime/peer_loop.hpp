#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "node/base/digest.hpp"
#include "node/base/rng.hpp"
#include "node/codecs/codec.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/net/link.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/compute_model.hpp"
#include "node/runtime/event_queue.hpp"
#include "node/runtime/job_pool.hpp"
#include "node/runtime/network_model.hpp"
#include "node/runtime/simulation_observer.hpp"

namespace hearsay {

/// What all peers of a simulation share. All references outlive it.
struct SimulationWorld {
  const LearningProblem& problem;
  const Aggregator& aggregator;
  const Codec& codec;
  std::uint32_t codec_number = 0;  ///< What the codec is called on the wire.
  ComputeModel compute;
  NetworkModel network;
  JobPool& pool;
  Rng aggregation_rng;
  bool keep_trained = false;      ///< Hand the model before aggregation to the observer.
  const std::atomic<bool>& stop;  ///< Set from outside to end the run early.
};

/// Which loop a peer belongs to: loops own equal, contiguous ranges of peers.
struct LoopMap {
  int loops = 1;
  int peers_per_loop = 1;

  int loop_of(PeerId peer) const { return peer / peers_per_loop; }
  PeerId first_peer(int loop) const { return loop * peers_per_loop; }
};

/// A message that was sent to a peer of another loop, and is on the wire.
struct Announcement {
  Event event;
  std::size_t payload_bytes = 0;
};

/// The links of one loop, by the index of the loop at the other end.
struct LoopLinks {
  std::vector<LinkSender> senders;
  std::vector<LinkReceiver> receivers;
};

/// One event loop: takes the events of its peers in their total order, calls their
/// protocols and carries out the effects. Training and aggregation are started at once
/// and waited for only when the event that needs them is due, so that the work of
/// different peers runs in parallel and no result depends on the number of workers.
/// Everything but the jobs happens on the thread that calls advance(). Loops share
/// nothing that one of them writes, but for the network model, in which a peer's uplink
/// belongs to the sender's loop and its downlink to the receiver's.
class PeerLoop {
 public:
  /// One protocol per peer of the range that starts at map.first_peer(index).
  PeerLoop(SimulationWorld& world, const LoopMap& map, int index, LoopLinks links,
           std::vector<std::unique_ptr<Protocol>> protocols, SimulationObserver& observer);
  PeerLoop(PeerLoop&&) noexcept;
  ~PeerLoop();

  /// Handles all events before `until`, and what they cause before it; ends early if
  /// the run is to stop. On return all messages to other loops are on the wire.
  void advance(SimTime until);

  /// Takes over what another loop has announced to this one since its last advance().
  void accept(const PeerLoop& other);

  /// Time of the next event; SimTime::max() if there is none.
  SimTime next_time();

  /// What this loop's peers have left behind.
  struct State {
    std::int64_t events = 0;
    std::int64_t messages_refused = 0;
    std::size_t finished = 0;  ///< Peers that have done all they had to do.
    SimTime last_event;
    double training_seconds = 0.0;
    double aggregation_seconds = 0.0;
  };
  State state() const;

  PeerId first_peer() const { return map_.first_peer(index_); }
  int num_peers() const;
  const PeerCounters& counters(PeerId peer) const;
  Digest event_digest(PeerId peer) const;

  /// The peer's last model; empty until it has finished.
  const ModelBuffer& final_model(PeerId peer) const;
  std::vector<PeerId> waiting_for(PeerId peer) const;

 private:
  struct Peer;
  struct CpuTimes {
    std::atomic<std::int64_t> training_ns{0};
    std::atomic<std::int64_t> aggregation_ns{0};
  };

  Peer& peer_at(PeerId id);
  const Peer& peer_at(PeerId id) const;
  LinkReceiver& link_from(PeerId sender) {
    return links_.receivers[static_cast<std::size_t>(map_.loop_of(sender))];
  }

  void prefetch();
  void handle(const Event& event, Peer& peer);
  void on_arrived(const Event& event, Peer& peer);
  void on_delivered(const Event& event, Peer& peer);
  void on_trained(const Event& event, Peer& peer);
  void on_aggregated(const Event& event, Peer& peer);
  void apply_effects(PeerId id, Peer& peer);
  void report(PeerId id, Peer& peer, RoundReport completed);
  void send(Message message, Peer& peer);
  void start_training(PeerId id, Peer& peer, ModelBuffer model);
  void start_aggregation(PeerId id, Peer& peer, AggregationRequest request);
  void push_own(PeerId id, EventKind kind, SimTime time);

  SimulationWorld& world_;
  LoopMap map_;
  int index_;
  LoopLinks links_;
  SimulationObserver& observer_;
  std::unique_ptr<EventQueue> queue_;
  std::optional<Event> held_;  ///< Taken from the queue, not yet handled.
  std::vector<Peer> peers_;
  std::unique_ptr<Learner> learner_;                      ///< For problems too cheap for the pool.
  std::vector<std::vector<Announcement>> announcements_;  ///< By loop, since advance() began.
  Effects effects_;
  SimTime now_;
  State state_;
  ModelBuffer last_encoded_;  ///< With its payload: neighbors get one model in turn.
  Buffer last_payload_;
  std::unique_ptr<CpuTimes> cpu_ = std::make_unique<CpuTimes>();
};

}  // namespace hearsay

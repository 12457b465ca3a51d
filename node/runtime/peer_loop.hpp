#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "node/base/digest.hpp"
#include "node/base/rng.hpp"
#include "node/codecs/codec.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/net/link.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/adversaries.hpp"
#include "node/runtime/adversary_memory.hpp"
#include "node/runtime/event_queue.hpp"
#include "node/runtime/job_pool.hpp"
#include "node/runtime/peer_state.hpp"
#include "node/runtime/peer_work.hpp"
#include "node/runtime/simulation_observer.hpp"
#include "node/world/compute_model.hpp"
#include "node/world/fault_timeline.hpp"
#include "node/world/network_model.hpp"

namespace hearsay {

/// Makes the state machine of a peer that starts, at `now`, with nothing.
using ProtocolFactory = std::function<std::unique_ptr<Protocol>(PeerId, SimTime now)>;

/// What all peers of a simulation share. All references outlive it.
struct SimulationWorld {
  int num_peers = 0;
  const LearningProblem& problem;
  const Aggregator& aggregator;
  const Codec& codec;
  std::uint32_t codec_number = 0;  ///< What the codec is called on the wire.
  const ComputeModel& compute;
  NetworkModel& network;
  const FaultTimeline& faults;
  JobPool& pool;
  ProtocolFactory make_protocol;  ///< Called on any thread, for different peers at once.
  Rng aggregation_rng;
  bool keep_trained = false;  ///< Hand the model before aggregation to the observer.

  /// Keep every peer's latest model, so that all can be looked at at any time. Trainings
  /// then work on copies.
  bool keep_latest = false;

  const std::atomic<bool>& stop;  ///< Set from outside to end the run early.

  /// Null: nobody attacks. If some attack acts on messages, there is one loop.
  const Adversaries* adversaries = nullptr;

  /// Local steps that take as long as trying one model on the peer's held-out samples. Null
  /// unless the rule needs an oracle.
  std::function<double(PeerId)> trial_steps{};
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
  Journey journey;
};

/// An event that has not happened yet, with what it brings: part of a checkpoint. Of a
/// message that shares the network's links, and whose arrival is not known, the time is
/// SimTime::max().
struct PendingEvent {
  Event event;
  Envelope envelope;  ///< Of messages only, as the rest.
  Buffer payload;
  Journey journey;

  void persist(Archive& archive);
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
///
/// Faults. A message is lost if its sender crashes before its last byte has left, if the
/// two are cut off from each other at any moment from sending to arrival, or if the
/// receiver is down when it arrives or is delivered. What a peer was doing when it
/// crashed is lost. A frozen peer's events happen when it thaws. A peer that has finished
/// meets no more changes, but cannot be reached while it would be down.
class PeerLoop {
 public:
  /// The peers of the range that starts at map.first_peer(index).
  PeerLoop(SimulationWorld& world, const LoopMap& map, int index, int num_peers, LoopLinks links,
           SimulationObserver& observer);
  PeerLoop(PeerLoop&&) noexcept;
  ~PeerLoop();

  /// Schedules the first event of every peer. Call this or restore everything, once.
  void start();

  /// Handles all events before `until`, and what they cause before it. A loop that is alone
  /// returns early if the run is to stop or the observer wants a pause. On return all
  /// messages to other loops are on the wire.
  void advance(SimTime until);

  /// Takes over what another loop has announced to this one since its last advance().
  void accept(const PeerLoop& other);

  /// Time of the next event; SimTime::max() if there is none.
  SimTime next_time();

  /// What this loop has gone through.
  struct State {
    std::int64_t events = 0;
    SimTime last_event;
    double training_seconds = 0.0;
    double aggregation_seconds = 0.0;
  };
  State state() const;

  /// Continues from what other loops went through before a checkpoint.
  void restore(std::int64_t events, SimTime last_event);

  PeerId first_peer() const { return map_.first_peer(index_); }
  int num_peers() const { return static_cast<int>(peers_.size()); }
  const PeerState& peer(PeerId id) const { return peers_[slot_of(id)]; }

  /// For whom it waits; for nobody if it has not started.
  std::vector<PeerId> waiting_for(PeerId id) const;

  /// The peer's counters, with the time it has been up and busy until `now`.
  PeerCounters counters(PeerId id, SimTime now) const;

  /// Saves or restores one peer; waits for its jobs.
  void persist(Archive& archive, PeerId id);

  /// Saves or restores what attackers know.
  void persist_attackers(Archive& archive);

  /// Appends all events that have not happened yet, in no particular order.
  /// REQUIRES: everything announced to this loop has been accepted.
  void list_pending(std::vector<PendingEvent>& pending);

  /// Puts a message on the wire again, or schedules an event of this loop's peer. The
  /// sender's loop resends, then the receiver's reschedules; at the end all loops flush.
  void resend(const PendingEvent& pending);
  void reschedule(const PendingEvent& pending);
  void flush();

 private:
  struct CpuTimes {
    std::atomic<std::int64_t> training_ns{0};
    std::atomic<std::int64_t> aggregation_ns{0};
  };

  std::size_t slot_of(PeerId id) const { return static_cast<std::size_t>(id - first_peer()); }
  PeerState& state_of(PeerId id) { return peers_[slot_of(id)]; }
  LinkReceiver& link_from(PeerId sender) {
    return links_.receivers[static_cast<std::size_t>(map_.loop_of(sender))];
  }

  void prefetch();
  void schedule_arrivals();
  static bool was_stopped(const Event& event, const PeerState& peer);
  bool is_put_off(const Event& event, const PeerState& peer);
  void handle(const Event& event, PeerState& peer);
  void on_change(const Event& event, PeerState& peer);
  void on_arrived(const Event& event, PeerState& peer);
  void record_event(const Event& event, PeerState& peer, std::uint64_t content);
  void on_delivered(const Event& event, PeerState& peer);
  void on_trained(const Event& event, PeerState& peer);
  void on_aggregated(const Event& event, PeerState& peer);
  bool is_lost(const Event& event, const PeerState& peer);
  WireMessage take(const Event& event);
  void lose(const Event& event);
  Reception receive(WireMessage message, PeerState& peer);

  static void keep_aggregator_state(PeerState& peer, JobPool& pool);
  void begin(PeerId id, PeerState& peer, StartKind how);
  void go_down(PeerState& peer, bool forgets);
  void push_next_change(PeerId id, std::uint64_t index);

  void apply_effects(PeerId id, PeerState& peer);
  void report(PeerId id, PeerState& peer, RoundReport completed);
  void send_or_withhold(Message message, PeerState& peer);
  void send_withheld(PeerState& peer);
  void send(Message message, PeerState& peer);
  void announce(const Transfer& transfer, SimTime arrival, const Journey& journey);
  void start_training(PeerId id, PeerState& peer, TrainRequest request);
  void stop_training(PeerState& peer);
  static void abandon(PeerCounters& counters, SimTime due, SimTime now);
  void start_aggregation(PeerId id, PeerState& peer, AggregationRequest request);
  SimTime begin_work(PeerId id, PeerState& peer, SimTime work) const;
  void push_own(PeerId id, EventKind kind, SimTime time, std::uint64_t sequence = 0);
  void add_contents(PendingEvent& pending);

  SimulationWorld& world_;
  bool scripted_;  ///< Some fault may happen.
  LoopMap map_;
  int index_;
  LoopLinks links_;
  SimulationObserver& observer_;
  MessageEncoder encoder_;
  std::unique_ptr<EventQueue> queue_;
  std::optional<Event> held_;  ///< Taken from the queue, not yet handled.
  std::vector<PeerState> peers_;
  std::unique_ptr<Learner> learner_;                      ///< For problems too cheap for the pool.
  std::vector<std::vector<Announcement>> announcements_;  ///< By loop, since advance() began.
  std::vector<Arrival> arrivals_;                         ///< Of the last call of the network.
  std::map<std::pair<PeerId, std::uint64_t>, Ticket> underway_;  ///< By sender and sequence.
  Effects effects_;
  SimTime now_;
  State state_;
  bool pause_ = false;
  std::unique_ptr<AdversaryMemory> attackers_;  ///< Null if no attack acts on messages.
  std::unique_ptr<CpuTimes> cpu_ = std::make_unique<CpuTimes>();
};

}  // namespace hearsay

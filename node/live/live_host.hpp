#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "node/live/completions.hpp"
#include "node/live/report.hpp"
#include "node/net/endpoint.hpp"
#include "node/net/message_gate.hpp"
#include "node/runtime/adversary_memory.hpp"
#include "node/runtime/peer_loop.hpp"
#include "node/runtime/simulation.hpp"

namespace hearsay {

/// What a host is to do.
struct LivePlan {
  std::vector<int> process_of_peer;
  int recorder = -1;  ///< The process that reports go to; -1: none.

  /// Whether reports of this round carry the peer's models.
  std::function<bool(int round)> wants_model = [](int) { return false; };

  SamplingPlan sampling;  ///< REQUIRES: the world's keep_latest, if not empty.

  /// Hold messages back, and lose them, as the world's network model says. REQUIRES: a model
  /// that knows what becomes of a message when it is sent.
  bool emulate_network = false;

  /// Let trainings and aggregations take what they take by the world's compute model; those
  /// that take longer are counted.
  bool emulate_compute = false;

  /// How long to wait at the start for the other processes to be heard, and how long a peer
  /// may wait for others before the host gives up.
  SimTime rendezvous{60'000'000'000};
  SimTime stall{120'000'000'000};

  /// Time between two saves; max(): none. Saves happen when a peer has finished a round.
  SimTime save_every = SimTime::max();
  std::function<void(Snapshot)> save;  ///< On a worker thread.
};

/// How a host's work ended.
enum class LiveEnd {
  kDone,
  kStopped,  ///< `world.stop` was set.
  kStalled,  ///< Nothing happened for too long, and peers still wait.
};

/// Work that took longer than the compute model says.
struct Overruns {
  std::int64_t count = 0;
  SimTime longest;  ///< By which it was late.
};

/// Runs the peers of one process of a deployment in wall-clock time: takes what comes from
/// the network, from timers and from worker threads, calls the peers' protocols and carries
/// out the effects, all on the thread that calls run(). Training, and aggregation of larger
/// models, are jobs of the world's pool. Peers of the same process hear each other without a
/// socket.
///
/// Of the world it uses what peers share; the compute model on request. The timeline of faults is
/// enforced, with time counted from the start: peers go down and come up, freeze, slow down
/// and lose data, clocks go wrong, messages are altered (refused by the receiver), and nothing
/// is sent between peers that are cut off from each other. On request messages travel as the
/// network model says, on top of the real network, but for second copies.
///
/// Models with numbers that are not finite are refused. Omniscient attackers know what peers of
/// their own process send, and what has come to it.
class LiveHost final : private EndpointListener {
 public:
  /// The world outlives it. Its pool needs a worker beside the calling thread.
  LiveHost(SimulationWorld& world, const EndpointOptions& endpoint, LivePlan plan);

  /// Cancels all jobs of the pool.
  ~LiveHost() override;

  /// Where other processes can reach this one.
  std::string address() const { return endpoint_.address(); }

  /// Goes on from what `save` was given: peers come back as after a crash, with the model of
  /// their last completed round and with what their protocols knew. Before run().
  void restore(const Snapshot& saved);

  /// Keys that are no longer valid; safe to call from within `poll_often`.
  void revoke(const std::set<std::string>& public_keys) { endpoint_.revoke(public_keys); }

  /// Until all peers have done what they had to do and all other processes are done or lost;
  /// once. `poll_often` is called several times a second.
  /// @throws std::runtime_error if a job failed.
  LiveEnd run(const std::function<void()>& poll_often = [] {});

  /// With plan.emulate_compute.
  const Overruns& overruns() const { return overruns_; }

  const EndpointCounters& network() const { return endpoint_.counters(); }

  /// Refusals of the endpoint and of the peers.
  const RefusalCounts& refused() const { return refused_; }

 private:
  struct Timer {
    PeerId peer = 0;
    std::uint32_t life = 0;
    std::uint64_t id = 0;
  };
  struct Departure {
    WireMessage message;
  };
  struct Delivery {
    WireMessage message;
  };
  struct Change {
    PeerId peer = 0;
    PeerChange change;
  };
  using Due = std::variant<Timer, Departure, Delivery, Completion, Change>;

  void on_parcel(int process, ParcelKind kind, std::span<const Buffer> frames) override;
  void on_refused(const RefusedParcel& parcel) override;
  void on_heard(int process) override;
  void on_lost(int process) override;

  bool is_own(PeerId peer) const;
  PeerState& state_of(PeerId peer) { return peers_.at(peer); }

  void meet_others(const std::function<void()>& poll_often);
  void start();
  void begin(PeerId id, PeerState& peer, StartKind how);
  void step();
  bool is_over();
  bool is_stalled() const;
  bool others_are_gone() const;
  void end(LiveEnd how);
  void follow_agenda();
  void handle(Timer& timer);
  void handle(Departure& departure);
  void handle(Delivery& delivery);
  void handle(Completion& done);
  void handle(Change& change);
  void go_down(PeerState& peer, bool forgets);
  bool is_put_off(PeerId peer, Due& due);
  bool comes_back(PeerId peer) const;
  void arrive_all();
  void deliver(WireMessage message, PeerState& peer);
  void take_completions();
  void on_trained(const Completion& done, PeerState& peer, TrainResult result);
  void on_aggregated(const Completion& done, PeerState& peer, AggregationResult result);
  void await_remembering();
  void collect_completions();
  bool all_are_done() const;
  void take_samples();
  void sample(SimTime time, bool is_last);
  void save_if_due();

  void apply_effects(PeerId id, PeerState& peer);
  void report_round(PeerId id, PeerState& peer, RoundReport completed);
  void send_or_withhold(Message message, PeerState& peer);
  void send_withheld();
  void send(Message message, PeerState& peer);
  void transmit(WireMessage message);
  void start_training(PeerId id, PeerState& peer, TrainRequest request);
  void start_aggregation(PeerId id, PeerState& peer, AggregationRequest request);
  template <class Work>
  void submit(Completion done, Work work);
  Completion begin_work(PeerId id, std::uint64_t ticket, SimTime work) const;
  SimTime due_time(Completion& done);

  PeerCounters counters_of(const PeerState& peer) const;
  void refuse(Refusal reason, const Envelope& envelope);
  void tell(Report report);
  SimTime clock() const;
  void persist(Archive& archive);

  SimulationWorld& world_;
  LivePlan plan_;
  int self_;
  MessageGate gate_;
  BatchCodec codec_;
  MessageEncoder encoder_;
  std::unique_ptr<AdversaryMemory> attackers_;  ///< Null if no attack acts on messages.
  Completions completions_;
  std::vector<Completion> completed_;  ///< Taken from there, not yet handled.
  std::int64_t remembering_ = 0;       ///< Aggregations under way by rules that remember.
  std::map<PeerId, PeerState> peers_;
  std::deque<WireMessage> inbox_;  ///< Let in, not yet looked at.
  std::multimap<SimTime, Due> agenda_;
  std::vector<Arrival> arrivals_;  ///< Of the last call of the network model.
  Effects effects_;
  std::int64_t started_ns_ = 0;       ///< On the steady clock.
  std::int64_t started_real_ns_ = 0;  ///< By the time of day: outlives the process.
  SimTime now_;
  SimTime last_progress_;
  SimTime next_sample_ = SimTime::max();
  SimTime next_save_ = SimTime::max();
  std::atomic<bool> is_saving_{false};
  bool is_restored_ = false;
  bool has_started_ = false;
  bool round_was_finished_ = false;  ///< Since the last save.
  Overruns overruns_;
  std::int64_t jobs_ = 0;  ///< Under way.
  std::int64_t events_ = 0;
  std::optional<LiveEnd> ended_;
  RefusalCounts refused_;
  std::atomic<std::int64_t> training_ns_{0};
  std::atomic<std::int64_t> aggregation_ns_{0};
  Endpoint endpoint_;
};

}  // namespace hearsay

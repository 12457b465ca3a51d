#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "node/base/digest.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/time.hpp"
#include "node/net/batch.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/counters.hpp"
#include "node/runtime/event.hpp"
#include "node/world/fault_timeline.hpp"

namespace hearsay {

/// A peer has finished a round.
struct RoundNotice {
  PeerId peer = 0;
  SimTime time;
  int round = 0;          ///< 1 after the first round.
  ModelBuffer model;      ///< After aggregation; empty unless wants_model(round).
  ModelBuffer trained;    ///< Before aggregation; empty unless also asked to be kept.
  PeerCounters counters;  ///< At that time.
  Digest events = 0;      ///< Of all events of the peer so far.
};

/// One peer that is up, at some instant.
struct PeerSample {
  PeerId peer = 0;
  int round = 0;      ///< Of its last report; 0 before.
  ModelBuffer model;  ///< Its newest.
  PeerCounters counters;
};

/// All peers at one moment.
struct SampleNotice {
  SimTime time;
  std::span<const PeerSample> peers;  ///< Those that are up, ascending.
  PeerCounters totals;                ///< Summed over all peers, also those that are down.
  bool is_last = false;               ///< The run ends with it.
};

/// Why a delivered message was refused.
enum class RefusalReason {
  kProtocol,  ///< Not what the receiver's protocol or codec takes.
  kAltered,   ///< Its contents are not what was sent.
};

/// Is told what happens in a simulation, on the thread that called run(), each peer's
/// news in order of virtual time.
class SimulationObserver {
 public:
  virtual ~SimulationObserver() = default;

  /// Whether on_round needs the models of this round. Keeping one is allowed; it makes
  /// the peer's next training work on a copy. Called on any thread.
  virtual bool wants_model(int round) const = 0;

  virtual void on_round(const RoundNotice& notice) = 0;

  /// A peer's training gave a loss or a parameter that is not finite.
  virtual void on_diverged(PeerId peer, SimTime now) = 0;

  /// A delivered message was refused by its receiver.
  virtual void on_refused(PeerId peer, const Envelope& envelope, RefusalReason reason,
                          SimTime now) = 0;

  /// Something was wrong with what a peer combined in a round.
  virtual void on_incidents(PeerId, int /*round*/, const AggregationIncidents&, SimTime) {}

  /// A peer has crashed, restarted, left, ... Peers that have finished are left alone.
  virtual void on_change(PeerId peer, const PeerChange& change) = 0;

  /// An event has happened to its receiver: `events` is the digest of all of that peer's so
  /// far, in order, with the contents of messages and the losses of trainings.
  virtual void on_event(const Event&, Digest) {}

  /// A time of the sampling plan: everything before it has happened, nothing at it or after.
  virtual void on_sample(const SampleNotice&) {}

  /// Asked after each on_round: whether the simulation is to pause (see Simulation).
  virtual bool wants_pause() const { return false; }
};

/// Keeps what it is told and tells another observer later: for loops on other threads.
class DelayedObserver final : public SimulationObserver {
 public:
  /// Of more events than these, counted from the first, it tells nothing.
  static constexpr std::int64_t kMostEvents = 10'000;

  /// The target outlives this; its wants_model must be safe to call on any thread.
  explicit DelayedObserver(SimulationObserver& target) : target_(target) {}

  bool wants_model(int round) const override { return target_.wants_model(round); }
  void on_round(const RoundNotice& notice) override;
  void on_diverged(PeerId peer, SimTime now) override;
  void on_refused(PeerId peer, const Envelope& envelope, RefusalReason reason,
                  SimTime now) override;
  void on_incidents(PeerId peer, int round, const AggregationIncidents& incidents,
                    SimTime now) override;
  void on_change(PeerId peer, const PeerChange& change) override;
  void on_event(const Event& event, Digest events) override;

  /// Tells the target everything that several observers were told since the last call, in
  /// the order in which one loop for all peers would have.
  static void replay(std::span<DelayedObserver> observers);

 private:
  /// Ordered like the events that they come from.
  struct News {
    SimTime time;
    EventKind kind = EventKind::kStart;
    PeerId peer = 0;
    std::function<void()> tell;
  };

  SimulationObserver& target_;
  std::vector<News> news_;
  std::int64_t events_told_ = 0;
};

}  // namespace hearsay

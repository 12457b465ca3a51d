#pragma once

#include <vector>

#include "node/base/model_buffer.hpp"
#include "node/base/time.hpp"
#include "node/net/batch.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/counters.hpp"

namespace hearsay {

/// A peer has finished a round.
struct RoundNotice {
  PeerId peer = 0;
  SimTime time;
  int round = 0;          ///< 1 after the first round.
  ModelBuffer model;      ///< After aggregation; empty unless wants_model(round).
  ModelBuffer trained;    ///< Before aggregation; empty unless also asked to be kept.
  PeerCounters counters;  ///< At that time.
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
  virtual void on_refused(PeerId peer, const Envelope& envelope, SimTime now) = 0;
};

/// Keeps what it is told and tells another observer later: for loops on other threads.
class DelayedObserver final : public SimulationObserver {
 public:
  /// The target outlives this; its wants_model must be safe to call on any thread.
  explicit DelayedObserver(SimulationObserver& target) : target_(target) {}

  bool wants_model(int round) const override { return target_.wants_model(round); }
  void on_round(const RoundNotice& notice) override { rounds_.push_back(notice); }
  void on_diverged(PeerId peer, SimTime now) override { diverged_.push_back({peer, now}); }
  void on_refused(PeerId peer, const Envelope& envelope, SimTime now) override {
    refused_.push_back({peer, now, envelope});
  }

  /// Tells the target everything since the last call.
  void replay();

 private:
  struct Divergence {
    PeerId peer;
    SimTime time;
  };
  struct Refusal {
    PeerId peer;
    SimTime time;
    Envelope envelope;
  };

  SimulationObserver& target_;
  std::vector<RoundNotice> rounds_;
  std::vector<Divergence> diverged_;
  std::vector<Refusal> refused_;
};

}  // namespace hearsay

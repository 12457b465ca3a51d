#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "node/runtime/simulation.hpp"
#include "scenarios/scenario.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Follows a run of one loop from outside, as its observer and around every peer's
/// protocol, and complains of what must never happen, whatever the scenario:
///   * a call of a peer that is down, frozen or not started; time that runs backwards;
///   * two trainings or aggregations of one peer at once, or one that nobody asked for;
///   * rounds that do not ascend, but for a peer that has lost its state; where peers share
///     no rounds, that descend;
///   * a message that was not sent, or more copies of it than the network made; one to
///     somebody who is no neighbor, or out of reach;
///   * messages sent, and copies, that were not accepted, late, refused or lost in the end;
///     local steps that were neither used nor wasted;
///   * a message lost where nothing loses any; a peer that comes late, or comes back, and
///     does not tell its neighbors (D-PSGD);
///   * weights of an aggregation that do not add up to 1;
///   * models outside of what the initial ones span, or a mean of all models that changes,
///     in scenarios that do not allow it;
///   * a peer busy for longer than it was up;
///   * a run that does not end, or stalls without a reason.
class RunChecker final : public SimulationObserver {
 public:
  /// Everything outlives the checker. It sets `stop` if the run does not end.
  RunChecker(const Scenario& scenario, const LearningProblem& problem, const FaultTimeline& faults,
             std::atomic<bool>& stop);
  ~RunChecker() override;

  /// Protocols of this factory, watched.
  ProtocolFactory watch(ProtocolFactory factory);

  /// To be called when the run is over.
  void conclude(const SimulationOutcome& outcome);

  /// What was wrong, in the order in which it was noticed; the first few.
  const std::vector<std::string>& complaints() const { return complaints_; }

  bool wants_model(int) const override { return true; }
  void on_round(const RoundNotice& notice) override;
  void on_diverged(PeerId, SimTime) override {}
  void on_refused(PeerId peer, const Envelope& envelope, RefusalReason reason,
                  SimTime now) override;
  void on_change(PeerId peer, const PeerChange& change) override;

 private:
  class WatchedProtocol;

  /// What is known of one peer.
  struct Peer {
    bool is_up = false;
    bool has_finished = false;
    bool is_training = false;
    bool is_aggregating = false;
    int round = 0;
    int steps = 0;                                 ///< Of the training under way.
    SimTime now;                                   ///< Of its own clock.
    std::multimap<std::uint64_t, SimTime> timers;  ///< When they are due, by id.
  };

  /// A message as its sender and its receiver see it: from, to, kind, round, model.
  using Letter = std::tuple<PeerId, PeerId, MessageKind, int, Digest, Digest>;

  struct Copies {
    std::vector<SimTime> sent;  ///< When.
    std::size_t received = 0;
  };

  template <class... Parts>
  void complain(PeerId peer, const Parts&... parts);
  Peer& peer_of(PeerId id) { return peers_[static_cast<std::size_t>(id)]; }
  static Letter letter_of(const Message& message, PeerId from);

  void check_start(PeerId id, StartKind how);
  void before_call(PeerId id, const Effects& effects);
  void check_clock(PeerId id, SimTime now);
  void after_call(PeerId id, const Effects& effects);
  void check_hello(PeerId id, const Effects& effects);
  void check_delivery(PeerId id, const Message& message);
  void check_timer(PeerId id, std::uint64_t timer, SimTime now);
  void check_aggregation(PeerId id, const AggregationRequest& request);
  void check_span(const RoundNotice& notice);
  void add_to_mean(const RoundNotice& notice);
  void check_messages(const SimulationOutcome& outcome);
  void check_end(const SimulationOutcome& outcome);
  bool is_frozen_for_good(PeerId id, SimTime end) const;
  bool has_common_rounds() const;
  bool is_cut(const SimulationOutcome& outcome) const;
  bool is_stuck_for_good(const SimulationOutcome& outcome, PeerId id) const;

  const Scenario& scenario_;
  const LearningProblem& problem_;
  const FaultTimeline& faults_;
  std::atomic<bool>& stop_;
  Graph graph_;
  bool has_true_clocks_;
  std::vector<Peer> peers_;
  std::vector<float> least_;  ///< Of the initial models, by parameter; so are all that follow.
  std::vector<float> greatest_;
  std::vector<double> mean_;
  double scale_ = 0.0;  ///< The greatest of all initial parameters, without its sign.
  std::map<int, std::pair<int, std::vector<double>>> sums_;  ///< By round: peers, their models.
  std::map<Letter, Copies> letters_;
  std::int64_t calls_ = 0;
  std::int64_t sent_ = 0;
  std::int64_t delivered_ = 0;
  std::int64_t late_ = 0;
  std::int64_t refused_ = 0;
  std::int64_t altered_ = 0;
  std::int64_t combined_ = 0;
  std::int64_t steps_ = 0;  ///< Of all trainings begun.
  std::vector<std::string> complaints_;
};

}  // namespace hearsay

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/stopwatch.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/runtime/round_evaluator.hpp"
#include "node/runtime/simulation.hpp"
#include "results/run_directory.hpp"
#include "results/summary.hpp"
#include "results/time_to_accuracy.hpp"
#include "results/wait_graph.hpp"
#include "scenarios/live_graph.hpp"
#include "scenarios/runner.hpp"

namespace hearsay {

/// What is recorded of a run.
struct RecordPlan {
  EvaluationPlan evaluation;
  int total_rounds = 0;  ///< Of each peer, for progress; 0: not known.
  SimTime until;         ///< When the run ends at the latest, for progress; 0: not known.
  std::vector<double> targets;
  TargetHold hold;
  int pause_every_rounds = 0;  ///< When the simulation is to pause; 0: never.
};

/// Turns what happens in a simulation into the rows of its run directory. Used by the
/// thread that runs the simulation; all references outlive it.
class RunRecord final : public SimulationObserver {
 public:
  RunRecord(RecordPlan plan, const LearningProblem& problem, const FaultTimeline& faults,
            const LiveGraph& live, JobPool& pool, RunDirectory& directory, RunListener& listener);

  bool wants_model(int round) const override { return evaluator_.is_evaluated(round); }
  void on_round(const RoundNotice& notice) override;
  void on_diverged(PeerId peer, SimTime now) override;
  void on_refused(PeerId peer, const Envelope& envelope, RefusalReason reason,
                  SimTime now) override;
  void on_incidents(PeerId peer, int round, const AggregationIncidents& incidents,
                    SimTime now) override;
  void on_change(PeerId peer, const PeerChange& change) override;
  void on_sample(const SampleNotice& notice) override;

  /// The first events are traced one by one; after these only ends of rounds are.
  void on_event(const Event& event, Digest events) override;

  /// True from the moment when every live peer has finished another `pause_every_rounds`
  /// rounds until the next persist(). All their next trainings are under way then, and can
  /// be awaited by all workers together.
  bool wants_pause() const override;

  /// Saves or restores everything.
  void persist(Archive& archive);

  /// Waits for the last tests. Rounds that not all peers reached, what happened to the
  /// network, and who waits for whom if the run stalled, are noted.
  void finish(const SimulationOutcome& outcome);

  const std::vector<MetricsRow>& rows() const { return rows_; }

  /// The parts of the summary that the rows determine.
  void fill(Summary& summary) const;

  /// Who waits for whom, and why those do not answer.
  std::vector<WaitForEdge> waits(const SimulationOutcome& outcome) const;

 private:
  void record(const RoundEvaluation& evaluation);
  void append_sides(const RoundEvaluation& evaluation, const std::vector<PeerEvaluation>& honest);
  void append_event(EventRecord event);
  void trace_round(const RoundNotice& notice);
  void plan_pause();
  void count_before_pause();
  std::vector<FaultMoment> fault_moments() const;
  bool is_attacker(PeerId peer) const;
  std::string silence_of(PeerId peer, SimTime time) const;

  const LearningProblem& problem_;
  const FaultTimeline& faults_;
  const LiveGraph& live_;
  RunDirectory& directory_;
  RunListener& listener_;
  int total_rounds_;
  int pause_every_rounds_;
  std::vector<PeerId> attackers_;  ///< Ascending.
  Stopwatch wall_;
  RunProgress progress_;
  int newest_round_ = 0;                    ///< Of any peer.
  int next_pause_ = 0;                      ///< The round that all are to reach; 0: none.
  int before_pause_ = 0;                    ///< Live peers that have not reached it.
  std::vector<int> rounds_done_;            ///< By peer.
  std::vector<std::int64_t> samples_done_;  ///< By peer.
  TargetTimes target_times_;
  std::map<PeerId, DivergedPeer> diverged_;
  std::vector<MetricsRow> rows_;
  std::optional<double> validation_accuracy_;
  PeerCounters previous_totals_;                                        ///< At the last row.
  std::map<std::pair<SimTime, PeerChangeKind>, std::int64_t> changes_;  ///< How many peers.
  std::int64_t most_components_ = 0;
  std::int64_t traced_events_ = 0;
  RoundEvaluator evaluator_;
};

}  // namespace hearsay

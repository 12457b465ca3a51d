#pragma once

#include <map>
#include <vector>

#include "node/base/stopwatch.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/runtime/round_evaluator.hpp"
#include "node/runtime/simulation.hpp"
#include "results/run_directory.hpp"
#include "results/statistics.hpp"
#include "scenarios/runner.hpp"

namespace hearsay {

/// Turns what happens in a simulation into the rows of its run directory. Used by the
/// thread that runs the simulation; all references outlive it.
class RunRecord final : public SimulationObserver {
 public:
  /// `total_rounds`: rounds of each peer, for progress.
  RunRecord(EvaluationPlan plan, int total_rounds, std::vector<double> targets,
            const LearningProblem& problem, JobPool& pool, RunDirectory& directory,
            RunListener& listener);

  bool wants_model(int round) const override { return evaluator_.is_evaluated(round); }
  void on_round(const RoundNotice& notice) override;
  void on_diverged(PeerId peer, SimTime now) override;
  void on_refused(PeerId peer, const Envelope& envelope, SimTime now) override;

  /// Waits for the last tests. Rounds that not all peers reached, and who waits for whom
  /// if the run stalled, are noted as events.
  void finish(const SimulationOutcome& outcome);

  const std::vector<MetricsRow>& rows() const { return rows_; }

  /// The parts of the summary that the rows determine.
  void fill(Summary& summary) const;

 private:
  void record(const RoundEvaluation& evaluation);
  void append_event(EventRecord event);

  const LearningProblem& problem_;
  RunDirectory& directory_;
  RunListener& listener_;
  Stopwatch wall_;
  RunProgress progress_;
  std::vector<int> rounds_done_;  ///< By peer.
  TargetTimes target_times_;
  std::map<PeerId, DivergedPeer> diverged_;
  std::vector<MetricsRow> rows_;
  std::optional<double> validation_accuracy_;
  PeerCounters previous_totals_;  ///< At the last row.
  RoundEvaluator evaluator_;
};

}  // namespace hearsay

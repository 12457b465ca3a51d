#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "node/learning/learning_problem.hpp"
#include "node/runtime/job_pool.hpp"
#include "node/runtime/simulation_observer.hpp"

namespace hearsay {

/// When and what is tested. Testing costs no virtual time.
struct EvaluationPlan {
  int num_peers = 0;
  int every_rounds = 1;
  int last_round = 0;          ///< Tested even if no multiple of every_rounds.
  std::vector<PeerId> peers;   ///< Whose models are tested, ascending.
  bool before_mixing = false;  ///< Test also what aggregation started from.
  bool mean_model = false;     ///< Test also the mean of all peers' models.
  bool local = false;          ///< Test also on each peer's own label distribution.
  bool validation = false;     ///< After the last round, test also on held-out data.
};

/// One peer's state after a round, and how good its model is.
struct PeerEvaluation {
  PeerId peer = 0;
  SimTime time;
  PeerCounters counters;
  Evaluation test;
  std::optional<Evaluation> before_mixing;
  std::optional<Evaluation> local;
  std::optional<Evaluation> validation;
};

/// All peers after one round.
struct RoundEvaluation {
  int round = 0;
  SimTime time;                     ///< When the last peer finished the round.
  int peers = 0;                    ///< How many finished it.
  PeerCounters totals;              ///< Each peer's when it finished, summed.
  double consensus_distance = 0.0;  ///< sqrt(1/n sum_i |x_i - mean|^2) over all peers.
  std::optional<Evaluation> mean_model;
  std::vector<PeerEvaluation> tested;  ///< Ascending by peer.
};

/// Distance of models from their mean, and that mean.
struct Consensus {
  double distance = 0.0;  ///< sqrt(1/n sum_i |x_i - mean|^2), in double.
  ModelBuffer mean;       ///< Rounded to float32.
};

/// REQUIRES: at least one model; all of one size.
Consensus consensus_of(const std::vector<ModelBuffer>& models);

/// Collects the peers' models round by round, tests them on the job pool behind the
/// simulation's own jobs, and hands each complete round to a sink, in order of
/// completion. At most one complete round waits for its tests: completing the next one
/// waits for it. Used by the loop thread.
class RoundEvaluator {
 public:
  using Sink = std::function<void(const RoundEvaluation&)>;

  /// The pool must outlive the evaluator.
  RoundEvaluator(EvaluationPlan plan, JobPool& pool, Sink sink);

  /// Whether the round is one to evaluate. Safe to call on any thread.
  bool is_evaluated(int round) const;

  /// A peer has finished a round; ignored unless the round is one to evaluate.
  void add(const RoundNotice& notice);

  /// Waits for the tests of all complete rounds. Rounds that some peer has not reached
  /// are dropped; their number is returned.
  int finish();

  /// CPU seconds spent on tests.
  double seconds() const { return static_cast<double>(nanoseconds_->load()) * 1e-9; }

 private:
  using EvaluationTask = std::shared_ptr<Task<Evaluation>>;
  struct Summary {
    double consensus_distance = 0.0;
    std::optional<Evaluation> mean_model;
  };
  struct PendingPeer {
    PeerEvaluation result;
    EvaluationTask test;
    EvaluationTask before_mixing;
    EvaluationTask local;
    EvaluationTask validation;
  };
  struct Round {
    RoundEvaluation result;
    std::vector<ModelBuffer> models;  ///< By peer; released when the round is complete.
    std::vector<PendingPeer> peers;
    std::shared_ptr<Task<Summary>> summary;
  };

  EvaluationTask submit(const ModelBuffer& model, EvaluationSet set, PeerId peer);
  PendingPeer start_tests(const RoundNotice& notice);
  void complete(Round round);
  void settle();

  EvaluationPlan plan_;
  JobPool& pool_;
  Sink sink_;
  std::map<int, Round> open_;
  std::optional<Round> complete_;
  std::shared_ptr<std::atomic<std::int64_t>> nanoseconds_;
};

}  // namespace hearsay

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "node/learning/learning_problem.hpp"
#include "node/runtime/job_pool.hpp"
#include "node/runtime/model_test.hpp"
#include "node/runtime/simulation_observer.hpp"

namespace hearsay {

/// When and what is tested. Testing costs no virtual time.
struct EvaluationPlan {
  int num_peers = 0;
  int every_rounds = 1;        ///< 0: no round, only samples.
  int last_round = 0;          ///< Tested even if no multiple of every_rounds.
  std::vector<PeerId> peers;   ///< Whose models are tested, ascending.
  bool before_mixing = false;  ///< Test also what aggregation started from.
  bool mean_model = false;     ///< Test also the mean of all peers' models.
  bool local = false;          ///< Test also on each peer's own label distribution.
  bool validation = false;     ///< After the last round, test also on held-out data.

  /// Whose models enter no statistics over models, ascending; they may be tested.
  std::vector<PeerId> attackers;

  /// Which peers are absent at the start, ascending.
  std::vector<PeerId> absent;

  /// The connected components of the live peers at a time: by peer the smallest id in its
  /// component, -1 for peers that are down. Null: all peers are one component.
  std::function<std::vector<PeerId>(SimTime)> components;
};

/// Whether a round is one to evaluate.
bool is_evaluated(const EvaluationPlan& plan, int round);

/// One peer's state after a round, and how good its model is.
struct PeerEvaluation {
  PeerId peer = 0;
  PeerId component = 0;  ///< Smallest id of the component it belongs to.
  SimTime time;
  PeerCounters counters;
  Evaluation test;
  std::optional<Evaluation> before_mixing;
  std::optional<Evaluation> local;
  std::optional<Evaluation> validation;
};

/// The peers of one component that have finished a round.
struct ComponentEvaluation {
  PeerId component = 0;  ///< Its smallest id.
  int peers = 0;
  double consensus_distance = 0.0;
};

/// All live peers after one round, or at one moment.
struct RoundEvaluation {
  int round = 0;        ///< At a moment: the greatest of the peers'.
  SimTime time;         ///< When the last peer finished the round.
  int peers = 0;        ///< How many finished it and are up.
  int live_peers = 0;   ///< How many are up.
  PeerCounters totals;  ///< Each peer's when it finished, summed. At a moment: of
                        ///< all peers, also those that are down.

  /// sqrt(1/n sum_i |x_i - mean|^2) over the honest peers, as all that follows; 0 if there is
  /// none.
  double consensus_distance = 0.0;

  /// The same with each peer's own component's mean.
  double consensus_distance_within = 0.0;
  std::vector<ComponentEvaluation> components;  ///< Ascending; one if all are connected.
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
/// simulation's own jobs, and hands each complete round to a sink, in ascending order. A
/// round is complete when no peer that is up is still before it; peers that are down by
/// then, and those that skipped it, have no part in it. Samples of all peers at one moment
/// are evaluated likewise. At most one complete round waits
/// for its tests: completing the next one waits for it. Used by the loop thread.
class RoundEvaluator {
 public:
  using Sink = std::function<void(const RoundEvaluation&)>;

  /// The pool must outlive the evaluator.
  RoundEvaluator(EvaluationPlan plan, JobPool& pool, Sink sink);

  /// Whether the round is one to evaluate. Safe to call on any thread.
  bool is_evaluated(int round) const;

  /// A peer has finished a round, possibly skipping others.
  void add(const RoundNotice& notice);

  /// All live peers at one moment.
  void add(const SampleNotice& notice);

  /// A peer has gone down.
  void remove(PeerId peer);

  /// A peer is up, with this many rounds behind it.
  void readmit(PeerId peer, int round);

  bool is_up(PeerId peer) const { return is_up_[static_cast<std::size_t>(peer)]; }

  /// Whether the peer's models are tested.
  bool tests(PeerId peer) const;

  /// Waits for the tests of all complete rounds. Rounds that some live peer has not
  /// reached are dropped; their number is returned.
  int finish();

  /// Saves or restores what is under way. Tests that are not done are done after loading.
  void persist(Archive& archive);

  /// CPU seconds spent on tests.
  double seconds() const { return static_cast<double>(nanoseconds_->load()) * 1e-9; }

 private:
  struct Summary {
    double consensus_distance = 0.0;
    double consensus_distance_within = 0.0;
    std::vector<ComponentEvaluation> components;
    std::optional<Evaluation> mean_model;
  };

  /// One peer's part in a round.
  struct Entry {
    ModelBuffer model;      ///< Released when the round is complete.
    PeerEvaluation result;  ///< Its evaluations follow from the tests.
    ModelTest test;         ///< There is none if the peer's models are not tested.
    ModelTest before_mixing;
    ModelTest local;
    ModelTest validation;

    template <class Function>
    void for_each_test(Function function) {
      for (ModelTest* each : {&test, &before_mixing, &local, &validation}) function(*each);
    }
    void settle(JobPool& pool);
    void persist(Archive& archive);
  };
  struct Round {
    std::map<PeerId, Entry> entries;
    int missing = 0;  ///< Peers that are up and before this round.
    RoundEvaluation result;
    std::shared_ptr<Task<Summary>> summary;  ///< Until it is part of the result.

    template <class Function>
    void for_each_test(Function function) {
      for (auto& [peer, entry] : entries) entry.for_each_test(function);
    }
    void take_summary(JobPool& pool);
    void persist(Archive& archive);
  };

  Entry entry_of(const RoundNotice& notice, bool is_last) const;
  Round& open(int round);
  void complete_ready();
  void complete(int number, Round round);
  void settle();

  EvaluationPlan plan_;
  JobPool& pool_;
  Sink sink_;
  std::vector<int> round_of_;  ///< By peer: rounds behind it.
  std::vector<bool> is_up_;    ///< By peer.
  int last_complete_ = 0;      ///< Rounds up to this one take no more entries.
  std::map<int, Round> open_;
  std::optional<Round> complete_;  ///< Waits for its tests.
  JobTime nanoseconds_;
};

}  // namespace hearsay

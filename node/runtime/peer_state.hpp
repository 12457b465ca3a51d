#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "aggregators/aggregator.hpp"
#include "node/base/archive.hpp"
#include "node/base/digest.hpp"
#include "node/learning/learning_problem.hpp"
#include "node/protocols/protocol.hpp"
#include "node/runtime/aggregation.hpp"
#include "node/runtime/counters.hpp"
#include "node/runtime/job_pool.hpp"

namespace hearsay {

/// What a peer that crashes finds again when it restarts.
struct DurableState {
  ModelBuffer model;  ///< Of its last completed round, or its initial one.
  TrainingState training;
};

/// One peer within its event loop. What every message touches comes first.
struct alignas(64) PeerState {
  std::unique_ptr<Protocol> protocol;  ///< Null while the peer has nothing to go on with.
  Digest events = 0;
  std::uint64_t sequence = 0;  ///< Messages sent.
  std::uint32_t life = 0;      ///< Counts crashes and leaves; own events of former lives lapse.
  bool is_up = false;
  bool is_training = false;
  bool is_aggregating = false;
  bool has_finished = false;
  PeerCounters counters;

  SimTime up_since;
  SimTime training_due;
  SimTime aggregation_due;
  int steps_under_way = 0;
  int round = 0;                  ///< Last reported.
  std::int64_t steps_before = 0;  ///< Local steps done before the training under way.
  std::uint64_t trainings = 0;    ///< Begun, over all lives.
  std::uint64_t aggregations = 0;
  TrainingState training;
  std::shared_ptr<Task<TrainResult>> training_job;  ///< Null: the result is in `trained`.
  TrainResult trained;
  std::shared_ptr<Task<AggregationResult>> aggregation_job;  ///< Null: in `aggregated`.
  AggregationResult aggregated;
  std::unique_ptr<AggregatorState> aggregator_state;  ///< Null if the rule remembers nothing.
                                                      ///< In use while a job is under way.
  std::vector<Message> withheld;                      ///< To be sent at this instant's kAttack.
  ModelBuffer before_mixing;                          ///< Kept for the observer if asked for.
  ModelBuffer final_model;                            ///< Set when the peer has finished.
  ModelBuffer latest;                    ///< Its newest model, if SimulationWorld::keep_latest.
  std::unique_ptr<DurableState> stored;  ///< Null for peers that never restart.

  /// Waits for the jobs under way, so that their results are here.
  void settle(JobPool& pool);

  /// Everything but the protocol and what the rule remembers. REQUIRES: settled.
  void persist(Archive& archive);
};

}  // namespace hearsay

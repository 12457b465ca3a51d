#include "node/runtime/peer_state.hpp"

namespace hearsay {
namespace {

// The sampler follows from the number of steps.
void persist_training(Archive& archive, TrainingState& training) {
  archive(training.steps, training.moments);
  if (archive.is_loading()) training.sampler = {};
}

void persist_result(Archive& archive, TrainResult& result) {
  archive(result.model, result.loss, result.samples, result.finite);
  persist_training(archive, result.state);
}

}  // namespace

void PeerState::settle(JobPool& pool) {
  if (training_job) {
    trained = pool.take(training_job);
    training_job.reset();
  }
  if (aggregation_job) {
    aggregated = pool.take(aggregation_job);
    aggregation_job.reset();
  }
}

void PeerState::persist(Archive& archive) {
  archive(events, sequence, life, is_up, is_training, is_aggregating, has_finished, counters,
          up_since, training_due, aggregation_due, steps_under_way, round, steps_before, trainings,
          aggregations);
  persist_training(archive, training);
  persist_result(archive, trained);
  archive(aggregated, before_mixing, final_model, latest, withheld);
  if (!stored) return;
  archive(stored->model);
  persist_training(archive, stored->training);
}

}  // namespace hearsay

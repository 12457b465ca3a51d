#include "results/records.hpp"

#include "node/base/archive.hpp"

namespace hearsay {

void MetricsRow::persist(Archive& archive) {
  archive(round, time, peers, accuracy_mean, accuracy_sd, accuracy_min, accuracy_p10, accuracy_p50,
          accuracy_p90, accuracy_max, accuracy_before_mixing, accuracy_mean_model, accuracy_local,
          loss_mean, consensus_distance, bytes_sent, messages_sent, messages_dropped,
          staleness_mean, messages_late, messages_refused, live_peers, components,
          consensus_distance_within, models_not_finite, infeasible_aggregations, influence);
}

}  // namespace hearsay

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "node/base/digest.hpp"
#include "node/base/peer_id.hpp"
#include "results/records.hpp"
#include "results/recovery.hpp"
#include "results/time_to_accuracy.hpp"

namespace hearsay {

/// How a run ended.
enum class RunStatus { kDone, kInterrupted, kStalled };

/// A peer whose model is no longer finite, since the round given (1: the first round).
struct DivergedPeer {
  PeerId peer = 0;
  std::int64_t round = 0;
};

/// What the network went through. The missing ones belong to a network without links.
struct NetworkSummary {
  double busiest_share = kMissing;   ///< Of the run, that the busiest up- or downlink was in use.
  double longest_wait_s = kMissing;  ///< Longest that others on its links delayed a message.
  std::int64_t retransmissions = 0;  ///< Messages sent again after a loss.
  std::int64_t duplicates = 0;       ///< Second copies delivered.
};

/// How the set of live peers fared.
struct ChurnSummary {
  std::int64_t live_peers = 0;  ///< At the end of the run.
  std::int64_t lost_peers = 0;  ///< Were in the run, but are down or gone at its end.

  /// Largest number of connected components that the live graph had at an evaluation.
  std::int64_t most_components = 0;
};

/// What attackers came to.
struct AttackSummary {
  std::int64_t attackers = 0;

  /// The largest number of attackers among the neighbors of one honest peer.
  std::int64_t most_attacking_neighbors = 0;

  std::int64_t models_combined = 0;  ///< Attackers' models that honest peers combined.

  /// The share of these that the aggregation rule let through, their mean of min(1, n part):
  /// part is what a model has in the result of n models, the own one included. 1: as much as
  /// in their plain mean, or more; 0: nothing. Missing: there were none, or the rule does not
  /// tell.
  double influence = kMissing;
};

/// A run in short: what summary.json holds. CPU seconds of jobs are summed over the
/// workers.
struct Summary {
  /// Lags that staleness tells apart: 0, 1, ..., and the last one or more.
  static constexpr std::size_t kStalenessBins = 8;

  RunStatus status = RunStatus::kDone;
  bool is_live = false;  ///< Times are wall-clock times: a deployment's. Not in summary.json.
  std::optional<MetricsRow> final_row;  ///< The last row of metrics.csv; `final` in JSON.
  std::vector<TimeToAccuracy> time_to_accuracy;
  std::vector<Recovery> recovery;                  ///< One per fault, ascending by time.
  std::optional<double> validation_accuracy_mean;  ///< On the peers' held-out samples.
  std::vector<DivergedPeer> diverged_peers;
  double wall_seconds = 0.0;
  double cpu_seconds = 0.0;               ///< Of the process.
  double training_seconds = kMissing;     ///< CPU seconds of training; missing: not timed.
  double aggregation_seconds = kMissing;  ///< CPU seconds of aggregation; likewise.
  double evaluation_seconds = 0.0;        ///< CPU seconds of evaluation jobs.
  std::int64_t peak_rss_bytes = 0;
  std::int64_t train_samples = 0;  ///< Samples passed through training, with repetition.
  double train_samples_per_second = 0.0;
  std::int64_t steps = 0;         ///< Local steps whose result was used.
  std::int64_t wasted_steps = 0;  ///< Local steps lost in crashes.

  /// Share of their time up that live peers neither trained nor aggregated, 0 to 1:
  /// 1 - (busy time, summed over them) / (time up, summed over them).
  double idle_share = kMissing;

  std::int64_t events = 0;
  double events_per_second = 0.0;
  std::int64_t messages = 0;          ///< Sent.
  std::int64_t messages_dropped = 0;  ///< Lost by the network or by a dead receiver.
  std::int64_t messages_late = 0;     ///< Received after they were of use.
  std::int64_t messages_refused = 0;  ///< Arrived, but rejected by the receiver.
  std::int64_t bytes_sent = 0;

  /// Received models that were combined, by the rounds they lagged behind; the last
  /// entry holds all that lagged as much or more.
  std::array<std::int64_t, kStalenessBins> staleness{};

  NetworkSummary network;
  ChurnSummary churn;
  AttackSummary attacks;
  std::int64_t models_not_finite = 0;        ///< Left out of aggregations, as they were not finite.
  std::int64_t infeasible_aggregations = 0;  ///< For whose models the rule could not work.

  /// Over the final parameters of all peers; nothing if the run ended early.
  std::optional<Digest> model_digest;
  Digest event_digest = 0;  ///< Over the ordered event log.

  /// CPU seconds of aggregation over those of the process, loading and testing included.
  double aggregation_share() const {
    return cpu_seconds > 0.0 ? aggregation_seconds / cpu_seconds : kMissing;
  }

  /// Share of all local steps that was lost in crashes; kMissing if there were no steps.
  double wasted_share() const {
    const std::int64_t all = steps + wasted_steps;
    return all == 0 ? kMissing : static_cast<double>(wasted_steps) / static_cast<double>(all);
  }
};

}  // namespace hearsay

#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/digest.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/time.hpp"

/// What a run reports, as plain data. A number that was not measured is kMissing (NaN):
/// an empty cell in CSV, null in JSON. Times are virtual in a simulation and wall-clock
/// in a deployment, counted from the start of the run.

namespace hearsay {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// The role of a peer that follows the protocol; only these enter the statistics.
inline constexpr std::string_view kHonestRole = "honest";

/// One evaluation point over the honest live peers. Accuracies are fractions, 0 to 1;
/// counts run from the start of the run.
struct MetricsRow {
  std::int64_t round = 0;
  SimTime time;
  std::int64_t peers = 0;  ///< Honest, live and evaluated.
  double accuracy_mean = kMissing;
  double accuracy_sd = kMissing;  ///< Sample standard deviation over the peers.
  double accuracy_min = kMissing;
  double accuracy_p10 = kMissing;
  double accuracy_p50 = kMissing;
  double accuracy_p90 = kMissing;
  double accuracy_max = kMissing;
  double accuracy_before_mixing = kMissing;  ///< After local training, before aggregation.
  double accuracy_mean_model = kMissing;     ///< Of the averaged model.
  double accuracy_local = kMissing;          ///< On each peer's own label distribution.
  double loss_mean = kMissing;
  double consensus_distance = kMissing;
  std::int64_t bytes_sent = 0;
  std::int64_t messages_sent = 0;
  std::int64_t messages_dropped = 0;
  double staleness_mean = kMissing;
};

/// One peer at one evaluation point.
struct PeerRow {
  std::int64_t round = 0;
  SimTime time;
  PeerId peer = 0;
  std::string role{kHonestRole};
  bool alive = true;  ///< 1 or 0 in CSV.
  double accuracy = kMissing;
  double loss = kMissing;
  std::int64_t samples = 0;  ///< Training samples it owns.
  std::int64_t steps = 0;    ///< Local steps so far.
  std::int64_t bytes_sent = 0;
  std::int64_t bytes_received = 0;
};

/// A join, leave, crash, partition, rejected message, aggregation of note.
struct EventRecord {
  using Value = std::variant<std::int64_t, double, std::string>;

  SimTime time;
  double wall_seconds = 0.0;  ///< Since the start of the run.
  std::string kind;           ///< E.g. "crash".
  std::optional<PeerId> peer;
  std::vector<std::pair<std::string, Value>> details;  ///< Written in this order.
};

/// What a run was made with: enough, with scenario.yaml, to repeat it.
struct Manifest {
  Digest scenario_digest = 0;
  std::uint64_t seed = 0;
  std::string commit;
  std::map<std::string, std::string> versions;  ///< Library or compiler -> version.
  std::string cpu;
  std::map<std::string, std::string> kernels;  ///< Library -> instruction set it uses.
  std::string transport;
  int workers = 0;
  std::string start;  ///< ISO 8601, UTC: "2025-01-31T12:00:00Z".
  std::string end;    ///< The same; empty (null in JSON) while the run goes on.
};

/// When the peers first tested at or above a target accuracy, in seconds of the run's
/// time. Peers that never did are censored: the four times are over those that did
/// (kMissing if none), and fraction_reached says how many of all honest peers they are.
/// Compare times of two runs only where both fractions are 1.
struct TimeToAccuracy {
  double target = 0.0;
  double node_averaged_s = kMissing;  ///< Mean over peers.
  double median_s = kMissing;
  double p95_s = kMissing;
  double slowest_s = kMissing;
  double fraction_reached = 0.0;
};

/// How a run ended.
enum class RunStatus { kDone, kInterrupted, kStalled };

/// A peer whose model is no longer finite, since the round given (1: the first round).
struct DivergedPeer {
  PeerId peer = 0;
  std::int64_t round = 0;
};

/// A run in short. CPU seconds of jobs are summed over the workers.
struct Summary {
  RunStatus status = RunStatus::kDone;
  std::optional<MetricsRow> final_row;  ///< The last row of metrics.csv; `final` in JSON.
  std::vector<TimeToAccuracy> time_to_accuracy;
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
  std::int64_t events = 0;
  double events_per_second = 0.0;
  std::int64_t messages = 0;          ///< Sent.
  std::int64_t messages_dropped = 0;  ///< Lost by the network or by a dead receiver.
  std::int64_t messages_refused = 0;  ///< Arrived, but rejected by the receiver.
  std::int64_t bytes_sent = 0;

  /// Over the final parameters of all peers; nothing if the run ended early.
  std::optional<Digest> model_digest;
  Digest event_digest = 0;  ///< Over the ordered event log.
};

}  // namespace hearsay

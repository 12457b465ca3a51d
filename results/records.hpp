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

class Archive;

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// The role of a peer that follows the protocol; only these enter the statistics.
inline constexpr std::string_view kHonestRole = "honest";

/// That of an adversary, also while it is honest.
inline constexpr std::string_view kAttackerRole = "attacker";

/// One evaluation point over the honest live peers. Accuracies are fractions, 0 to 1;
/// counts run from the start of the run and include attackers' messages.
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
  std::int64_t messages_late = 0;     ///< Received after they were of use.
  std::int64_t messages_refused = 0;  ///< Received, but rejected by the receiver.
  std::int64_t live_peers = 0;        ///< Of all roles, evaluated or not.

  /// Connected components of the live graph: the live peers, and the links between them
  /// that work.
  std::int64_t components = 0;

  /// Root mean square distance of a peer's model from the mean of its own component; the
  /// same as consensus_distance while there is one component.
  double consensus_distance_within = kMissing;
  std::int64_t models_not_finite = 0;        ///< Left out of aggregations.
  std::int64_t infeasible_aggregations = 0;  ///< Where the rule could not work.

  /// Of the attackers' models that honest peers combined since the row before, the share that
  /// the rule let through (AttackSummary::influence); missing if there were none.
  double influence = kMissing;

  void persist(Archive& archive);
};

/// One component of the live graph at one evaluation point, over its honest live peers:
/// there is a row for each while there are several.
struct SideRow {
  std::int64_t round = 0;
  SimTime time;
  PeerId component = 0;    ///< The smallest live peer in it; names it.
  std::int64_t peers = 0;  ///< Honest, live and evaluated.
  double accuracy_mean = kMissing;
  double accuracy_min = kMissing;
  double consensus_distance = kMissing;  ///< From the mean of these peers' models.
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
  PeerId component = -1;            ///< The smallest peer in its component; -1: unknown.
  std::int64_t live_neighbors = 0;  ///< Live peers that a working link joins it to.
};

/// One event of one peer, for comparing runs.
struct TraceRow {
  SimTime time;
  PeerId peer = 0;
  std::string event;        ///< E.g. "message"; "round": the peer's round has ended.
  PeerId from = 0;          ///< Who sent the message; of other events the peer itself.
  std::int64_t number = 0;  ///< The sender's message, or the round, or which of its kind.
  Digest digest = 0;        ///< Of all events of the peer so far, and what they brought.
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

}  // namespace hearsay

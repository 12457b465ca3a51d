#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/event_history.hpp"
#include "results/finished_run.hpp"
#include "results/time_to_accuracy.hpp"

namespace hearsay {

/// How the loss spreads over the tested peers at one evaluation; percentiles as
/// percentile_of(). All missing if a peer's loss is.
struct LossSpread {
  double p10 = kMissing;
  double p90 = kMissing;
  double max = kMissing;
};

/// When peers reached one target accuracy, in virtual seconds since each one's start.
struct ReachedTimes {
  double target = 0.0;
  std::int64_t peers = 0;       ///< That took part.
  std::vector<double> seconds;  ///< Of those that reached it, ascending.
};

/// How much of peers.csv a picture shows, so that it stays readable and small.
struct PictureLimits {
  std::size_t peers = 10'000;  ///< Of more peers every k-th is shown, k as small as can be.
  std::size_t moments = 200;   ///< Of more evaluations the first, the last and evenly spaced ones.
  std::size_t values =
      400'000;  ///< Peers times moments: fewer moments, but the first and the last.
};

/// What peers.csv says, evaluation by evaluation.
struct PeerHistory {
  /// One peer that is shown.
  struct Peer {
    PeerId peer = 0;
    std::string role;
    std::int64_t samples = 0;
  };

  std::vector<Peer> peers;                    ///< Ascending.
  std::vector<std::size_t> moments;           ///< Rows of metrics.csv that are shown, ascending.
  std::vector<std::vector<double>> accuracy;  ///< By moment, then as `peers`; kMissing: not tested.
  std::vector<std::vector<double>> loss;      ///< The same.
  std::vector<LossSpread> loss_spread;        ///< By row of metrics.csv, all of them.
  std::vector<ReachedTimes> reached;          ///< As the targets.
};

/// Reads peers.csv of a run directory, a line at a time.
/// `joins`: when peers joined that were not there at the start.
/// @throws UserError, beginning with the file's path, if it cannot be read or is not what a run
///         with the metrics of `run` writes.
PeerHistory read_peer_history(const FinishedRun& run, const std::vector<double>& targets,
                              TargetHold hold, const std::vector<Join>& joins,
                              PictureLimits limits = {});

/// `most` of the numbers 0 .. count - 1, or all if they are no more: the first, the last and
/// evenly spaced ones between. REQUIRES: most >= 2.
std::vector<std::size_t> evenly_spaced(std::size_t count, std::size_t most);

}  // namespace hearsay

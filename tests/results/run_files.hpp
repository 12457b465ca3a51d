#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/run_directory.hpp"
#include "results/statistics.hpp"

namespace hearsay {

/// Writes rows of peers.csv and the row of metrics.csv that counts them.
inline void append_evaluation(RunDirectory& directory, int round,
                              const std::vector<PeerRow>& peers) {
  std::vector<double> accuracies;
  std::vector<double> losses;
  for (const PeerRow& peer : peers) {
    if (peer.role != kHonestRole) continue;
    accuracies.push_back(peer.accuracy);
    losses.push_back(peer.loss);
  }
  directory.append_peers(peers);
  directory.append_metrics({.round = round,
                            .time = SimTime::from_seconds(round),
                            .peers = static_cast<std::int64_t>(accuracies.size()),
                            .accuracy_mean = mean_of(accuracies),
                            .accuracy_min = min_of(accuracies),
                            .accuracy_p10 = percentile_of(accuracies, 10),
                            .accuracy_p90 = percentile_of(accuracies, 90),
                            .loss_mean = mean_of(losses),
                            .consensus_distance = 1.0 / round,
                            .bytes_sent = 1000 * round,
                            .messages_sent = 10 * round,
                            .live_peers = static_cast<std::int64_t>(peers.size()),
                            .components = 1});
}

/// A run of two evaluations, at rounds 1 and 2: peers 0, 1 and 2 have the losses 1, 2, 3 and
/// then 0.5, 1, 6, and the accuracies 0.1, 0.2, 0.3 and then 0.4, 0.5, 0.123456.
inline RunDirectory write_small_run(const std::filesystem::path& path) {
  RunDirectory directory = RunDirectory::at(path);
  directory.write_manifest({.scenario_digest = 0x1234});
  directory.write_scenario("name: </script> & co\n");
  const auto row = [](int round, PeerId peer, double accuracy, double loss) {
    return PeerRow{.round = round,
                   .time = SimTime::from_seconds(round),
                   .peer = peer,
                   .accuracy = accuracy,
                   .loss = loss,
                   .samples = 100 + peer};
  };
  append_evaluation(directory, 1, {row(1, 0, 0.1, 1.0), row(1, 1, 0.2, 2.0), row(1, 2, 0.3, 3.0)});
  append_evaluation(directory, 2,
                    {row(2, 0, 0.4, 0.5), row(2, 1, 0.5, 1.0), row(2, 2, 0.123456, 6.0)});
  return directory;
}

}  // namespace hearsay

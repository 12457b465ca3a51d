#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "results/event_history.hpp"
#include "results/finished_run.hpp"
#include "results/peer_history.hpp"

namespace hearsay {

/// A graph as it is drawn.
struct GraphPicture {
  std::vector<double> x;  ///< By peer, 0 to 1; empty: too many peers to draw.
  std::vector<double> y;
  std::vector<std::pair<PeerId, PeerId>> edges;  ///< Those drawn.
  std::int64_t num_edges = 0;                    ///< All there are.
  std::string note;                              ///< What else is to be said, e.g. that it varies.
};

/// What only the scenario of a run tells about it.
struct ReportPlan {
  std::string name;
  std::string description;  ///< In a line: peers, topology, model, protocol, ...
  std::int64_t num_peers = 0;
  std::vector<double> targets;
  TargetHold hold;
  GraphPicture graph;
};

/// A number that a reader looks for first.
struct Headline {
  std::string label;
  std::string value;  ///< With its unit.
  std::string note;   ///< May be empty.
};

/// All that a report shows of one run.
struct ReportData {
  ReportPlan plan;
  FinishedRun run;
  PeerHistory peers;
  EventHistory events;
  std::vector<Headline> headlines;
  std::string scenario;  ///< The text of scenario.yaml.
  std::string manifest;  ///< The text of manifest.json.
  std::string summary;   ///< The text of summary.json; empty: the run has no end yet.
};

/// Reads a run directory, finished or not.
/// @throws UserError, beginning with a file's path, if it is no run's, or a file of it cannot
///         be read, or is not as a run writes it.
ReportData read_report_data(const std::filesystem::path& directory, ReportPlan plan);

}  // namespace hearsay

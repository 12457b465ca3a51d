#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/records.hpp"

namespace hearsay {

/// When the peers of a run reached a target: means over the peers, as in summary.json.
struct ReachedTarget {
  double target = 0.0;
  double fraction_reached = 0.0;  ///< Below 1 the means are lower bounds.
  double rounds = kMissing;
  double time_s = kMissing;
  double bytes_received = kMissing;
};

/// What a run directory says about how the run went, read back from its metrics.csv,
/// manifest.json and summary.json.
struct FinishedRun {
  std::filesystem::path path;
  std::string status;                ///< As in summary.json; empty: the run has no end yet.
  std::vector<std::string> columns;  ///< Of metrics.csv; round, time_s and bytes_sent at least.
  std::vector<std::vector<double>> rows;  ///< Its numbers, missing ones kMissing.
  std::vector<ReachedTarget> targets;     ///< Ascending.
  std::string scenario_digest;
  std::string model_digest;  ///< Empty: the run ended early.
  std::string event_digest;
  double wall_seconds = kMissing;

  /// Where the column stands; nothing if there is none.
  std::optional<std::size_t> column(std::string_view name) const;

  /// The number in the last row; kMissing without rows or without such a column.
  double last(std::string_view column_name) const;
};

/// True if a run was begun in the directory: it holds a manifest.json.
bool is_run_directory(const std::filesystem::path& path);

/// The status in the summary of the run in a directory; nothing if there is none, or it is
/// no summary.
std::optional<std::string> status_of_run(const std::filesystem::path& path);

/// Reads a run directory.
/// @throws UserError, beginning with the file's path, if it is no run's, or a file of it
///         cannot be read, or is not as a run writes it. A missing summary.json is no error.
FinishedRun read_finished_run(const std::filesystem::path& path);

}  // namespace hearsay

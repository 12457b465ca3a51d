#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "results/records.hpp"

namespace hearsay {

/// The directory that a run leaves behind, and the only writer of its files:
///   scenario.yaml  manifest.json  metrics.csv  peers.csv  events.jsonl  summary.json
/// All that can be refused is refused on construction, before the run spends time:
/// the directory is made and the growing files are opened with their headers. A
/// summary.json or report.html of a former run is removed then, so that a summary is
/// there only once the run that it describes has ended.
///
/// Rows are flushed by the group they are appended in, so that a killed run leaves
/// whole rows. Documents are written to a temporary name and renamed: a reader sees
/// the former one or the new one, never a part. Not for concurrent use.
///
/// After construction a failing write (a full disk) throws std::runtime_error naming
/// the file: the run failed, but not by the user's mistake.
class RunDirectory {
 public:
  /// <root>/<name>-s<seed>. A run that is there already is replaced.
  /// @throws UserError if the name cannot be a directory's, or the place cannot be
  ///         created or written.
  static RunDirectory in_default_place(const std::string& name, std::uint64_t seed,
                                       const std::filesystem::path& root = "results/runs");

  /// The directory that the user chose (`--out`). A run that is there already, known by
  /// its manifest.json, is replaced.
  /// @throws UserError also if it holds files but no run.
  static RunDirectory at(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }

  void append_metrics(const MetricsRow& row);
  void append_peers(std::span<const PeerRow> rows);  ///< The peers of one evaluation.
  void append_events(std::span<const EventRecord> events);

  void write_scenario(std::string_view yaml);  ///< The resolved scenario.

  /// Written twice: at the start without an end time, so that the directory is known as
  /// a run's whatever happens, and again at the end.
  void write_manifest(const Manifest& manifest);
  void write_summary(const Summary& summary);

 private:
  RunDirectory(std::filesystem::path path, const std::string& place);

  std::filesystem::path path_;
  std::ofstream metrics_;
  std::ofstream peers_;
  std::ofstream events_;
};

}  // namespace hearsay

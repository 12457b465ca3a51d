#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/records.hpp"
#include "results/summary.hpp"

namespace hearsay {

class Archive;

/// How far the growing files of a run directory have been written, in bytes: what a
/// checkpoint remembers of them.
struct GrowingSizes {
  std::int64_t metrics = 0;
  std::int64_t peers = 0;
  std::int64_t sides = 0;
  std::int64_t events = 0;
  std::int64_t trace = 0;

  void persist(Archive& archive);

  friend bool operator==(const GrowingSizes&, const GrowingSizes&) = default;
};

/// The directory that a run leaves behind, and the only writer of its files but checkpoints:
///   growing    metrics.csv  peers.csv  sides.csv  events.jsonl  trace.csv
///   documents  scenario.yaml  manifest.json  summary.json, and wait_for.dot of a stall
/// All that can be refused is refused on construction, before the run spends time:
/// the directory is made and the growing files are opened with their headers. Before that,
/// what a former run left at its end (summary.json, wait_for.dot, report.html) and its
/// checkpoints/ are removed: a summary or a checkpoint is only there beside the rows that
/// it counts.
///
/// Rows are flushed by the group they are appended in, so that a killed run leaves
/// whole rows; those of trace.csv, many and small, with sizes() and the summary. Documents are
/// written to a temporary name, brought to the disk and renamed: a reader sees the former one or
/// the new one, never a part, also after a loss of power. Not for concurrent use.
///
/// After construction a failing write (a full disk) throws std::runtime_error naming
/// the file: the run failed, but not by the user's mistake.
class RunDirectory {
 public:
  /// The folder of its checkpoints, which others write (checkpoint_store.hpp).
  static constexpr std::string_view kCheckpoints = "checkpoints";

  /// <root>/<name>-s<seed>. @throws UserError if the name cannot be a directory's.
  static std::filesystem::path default_place(const std::string& name, std::uint64_t seed,
                                             const std::filesystem::path& root = "results/runs");

  /// Begins a run there. One that is there already is replaced.
  /// @throws UserError if the name cannot be a directory's, or the place cannot be
  ///         created or written.
  static RunDirectory in_default_place(const std::string& name, std::uint64_t seed,
                                       const std::filesystem::path& root = "results/runs");

  /// The directory that the user chose (`--out`). A run that is there already, known by
  /// its manifest.json, is replaced.
  /// @throws UserError also if it holds files but no run.
  static RunDirectory at(const std::filesystem::path& path);

  /// Why nothing can go on from where sizes() was `sizes` in a directory, in a few words: a
  /// growing file is not there or is shorter, as after a loss of power. Nothing if all hold
  /// that much.
  static std::optional<std::string> shortfall(const std::filesystem::path& path,
                                              const GrowingSizes& sizes);

  /// Goes on with the run in a directory, where sizes() was `sizes`: what its growing
  /// files hold beyond is cut off, its documents stay but for those of its end.
  /// @throws UserError if there is no run, a shortfall, or a growing file that cannot be
  ///         written; then nothing is changed.
  static RunDirectory resume(const std::filesystem::path& path, const GrowingSizes& sizes);

  const std::filesystem::path& path() const { return path_; }

  void append_metrics(const MetricsRow& row);
  void append_peers(std::span<const PeerRow> rows);  ///< The peers of one evaluation.
  void append_sides(std::span<const SideRow> rows);  ///< The components at one evaluation.
  void append_events(std::span<const EventRecord> events);
  void append_trace(const TraceRow& row);

  /// How long the growing files are; all of it has been handed to the operating system,
  /// so that it outlives the process. To outlive a loss of power the growing_files() must
  /// be brought to the disk (disk.hpp).
  GrowingSizes sizes();
  std::vector<std::filesystem::path> growing_files() const;

  void write_scenario(std::string_view yaml);  ///< The resolved scenario.

  /// Written twice: at the start without an end time, so that the directory is known as
  /// a run's whatever happens, and again at the end.
  void write_manifest(const Manifest& manifest);
  void write_summary(const Summary& summary);
  void write_wait_graph(std::string_view dot);  ///< wait_graph_dot() of a stalled run.

 private:
  /// A file that rows are appended to.
  class GrowingFile {
   public:
    /// @throws UserError beginning with `place` if it cannot be written.
    static GrowingFile begin(std::filesystem::path path, const std::string& place,
                             std::string_view header);
    static GrowingFile go_on(std::filesystem::path path, std::int64_t size);

    void append(std::string_view text);  ///< Flushed.
    void append_unflushed(std::string_view text);
    void flush();
    std::int64_t size() const { return size_; }
    const std::filesystem::path& path() const { return path_; }

   private:
    GrowingFile(std::filesystem::path path, std::ofstream file, std::int64_t size);

    std::filesystem::path path_;
    std::ofstream file_;
    std::int64_t size_ = 0;
  };

  struct GrowingFiles {
    GrowingFile metrics;
    GrowingFile peers;
    GrowingFile sides;
    GrowingFile events;
    GrowingFile trace;
  };

  RunDirectory(std::filesystem::path path, GrowingFiles files);
  static RunDirectory begin(const std::filesystem::path& path, const std::string& place);

  std::filesystem::path path_;
  GrowingFiles files_;
};

}  // namespace hearsay

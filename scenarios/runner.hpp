#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <vector>

#include "node/data/data_source.hpp"
#include "node/net/transport.hpp"
#include "node/runtime/simulation.hpp"
#include "results/records.hpp"
#include "results/summary.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// How a run is carried out; none of it changes its results.
struct RunOptions {
  std::optional<std::filesystem::path> out;  ///< Default: results/runs/<name>-s<seed>.
  int workers = 1;
  TransportKind transport = TransportKind::kInproc;
  bool portable_kernels = false;  ///< Kernels that give the same bits on every machine.

  /// May give data that were loaded before.
  DataLoader load_data = hearsay::load_data;
};

/// Where a run stands.
struct RunProgress {
  std::int64_t peer_rounds_done = 0;
  std::int64_t train_samples = 0;      ///< By all peers, as of their last rounds.
  std::int64_t peer_rounds_total = 0;  ///< 0: the rounds are not counted beforehand.
  int num_peers = 0;
  SimTime now;
  SimTime until;  ///< When it ends at the latest; 0: nothing is set.
};

/// Follows a run; called on the thread that runs it.
class RunListener {
 public:
  virtual ~RunListener() = default;

  /// The run directory is there, with its scenario and manifest.
  virtual void on_begun(const std::filesystem::path&) {}
  virtual void on_progress(const RunProgress& progress) = 0;  ///< After every peer's round.
  virtual void on_evaluated(const MetricsRow& row) = 0;       ///< After every row.
  virtual void on_warning(const std::string& line) = 0;
};

/// A finished run.
struct RunReport {
  Summary summary;
  std::vector<MetricsRow> rows;
  std::string waits;          ///< If it stalled: who waits for whom, in words.
  bool is_resumable = false;  ///< It was interrupted, and saved.
  std::filesystem::path directory;
};

/// Runs the scenario in virtual time and leaves a run directory behind. Everything that
/// the user may have got wrong is found before the directory is made. Setting `stop`
/// ends the run soon, with the rows so far and a checkpoint.
/// @throws UserError for missing or foreign data, models that do not fit it, graphs that
///         could not be drawn, a directory that cannot be written.
RunReport run_scenario(const Scenario& scenario, const RunOptions& options,
                       const std::atomic<bool>& stop, RunListener& listener);

/// Goes on with the run in `path` from its newest checkpoint that is whole, with any number
/// of workers; results are those that the run would have had without the interruption, bit
/// for bit. A run that has no checkpoint begins again. `options.out` is not looked at. The
/// times of the summary are of this process alone.
/// @throws UserError if there is no run, it has come to its end, or it was made by another
///         build or kernel set; and as run_scenario().
RunReport resume_run(const std::filesystem::path& path, const RunOptions& options,
                     const std::atomic<bool>& stop, RunListener& listener);

}  // namespace hearsay

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/point_runs.hpp"
#include "scenarios/sweep.hpp"

namespace hearsay {

/// A sweep as a Slurm job array.
struct ArrayOptions {
  /// What a task of the array runs, before `--task K/N`: `hearsay sweep` with the file
  /// `scenario_copy()`, which is written first, and with the same overrides and `--out`.
  std::vector<std::string> command;
  std::string scenario;             ///< Text of the file.
  int most_at_once = 0;             ///< Tasks that run at the same time; 0: as Slurm likes.
  int cpus = 1;                     ///< Of each task.
  std::vector<std::string> sbatch;  ///< More options of sbatch.
};

/// Where the tasks find the scenario.
std::filesystem::path scenario_copy(const std::filesystem::path& out);

/// Runs in tasks of a job array, one each unless Slurm's MaxArraySize is smaller: with N tasks,
/// task K carries out the points K, K + N, ... Slurm runs a task again whose node failed; it
/// goes on from the runs' checkpoints. All nodes must see `out`, where the tasks leave runs
/// and their outcomes (point_runs.hpp) and Slurm their output, as tasks/K.log.
/// @throws UserError if a job of a former sweep still runs there; std::runtime_error if Slurm
///         fails.
std::unique_ptr<PointRuns> make_array_runs(const Sweep& sweep, const std::vector<PointTask>& todo,
                                           std::filesystem::path out, const ArrayOptions& options);

/// Indices as sbatch's --array takes them, ranges drawn together: "0-3,7". REQUIRES: ascending.
std::string array_text(const std::vector<std::size_t>& indices);

}  // namespace hearsay

#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "results/records.hpp"
#include "scenarios/array_runs.hpp"
#include "scenarios/point_runs.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/sweep.hpp"

namespace hearsay {

/// Some of the points: every `of`th, from number `task` on.
struct SweepPart {
  std::size_t task = 0;  ///< REQUIRES: below `of`.
  std::size_t of = 1;
};

/// How a sweep is carried out; none of it changes results.
struct SweepRunOptions {
  std::filesystem::path out;  ///< Every point gets a directory of its name in it.
  bool resume = false;        ///< Leave alone what is done, go on with the rest.
  int jobs = 1;               ///< Runs at the same time. REQUIRES: at least 1.
  RunOptions run;             ///< Of each run; `workers` are those of all together.

  /// Carry out these alone, and leave their outcomes for whoever asked for them.
  std::optional<SweepPart> part;

  /// Have a Slurm job array carry out the runs; `jobs` and `run` are not looked at.
  std::optional<ArrayOptions> array;
};

/// Where a sweep stands.
struct SweepProgress {
  std::size_t total = 0;
  std::size_t ended = 0;  ///< Of these: the runs that came to an end, whatever it was.
  std::size_t failed = 0;
  std::size_t stalled = 0;
  std::size_t running = 0;
  double seconds_left = kMissing;  ///< From the pace so far.
};

/// Follows a sweep; called on the thread that runs it.
class SweepListener {
 public:
  virtual ~SweepListener() = default;
  virtual void on_ended(const SweepPoint& point, const PointState& state,
                        const SweepProgress& progress) = 0;
  virtual void on_waiting(const SweepProgress& progress) = 0;  ///< A few times a second.
  virtual void on_warning(const std::string& line) = 0;        ///< None twice.
};

/// Runs the points, in forked processes (forked_runs.hpp) or a job array (array_runs.hpp); each
/// leaves the same run directory as `hearsay run`. A run that fails, or whose process dies, does
/// not stop the others. Setting `stop` ends the runs under way as run_scenario() does, and
/// starts no more. With `resume`, runs that are done or
/// stalled stay as they are, others go on from their checkpoints or begin again.
/// REQUIRES: no other thread in this process; no sweep.errors.
/// @returns the state of every point, by index.
/// @throws UserError, before anything is run, if `out` is not empty without `resume`, or
///         holds a run of another scenario under a point's name, or cannot be made, or data
///         cannot be loaded.
std::vector<PointState> run_sweep(const Sweep& sweep, const SweepRunOptions& options,
                                  const std::atomic<bool>& stop, SweepListener& listener);

}  // namespace hearsay

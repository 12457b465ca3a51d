#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "results/records.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/sweep.hpp"

namespace hearsay {

/// How a sweep is carried out; none of it changes results.
struct SweepRunOptions {
  std::filesystem::path out;  ///< Every point gets a directory of its name in it.
  bool resume = false;        ///< Leave alone what is done, go on with the rest.
  int jobs = 1;               ///< Runs at the same time. REQUIRES: at least 1.
  RunOptions run;             ///< Of each run; `workers` are those of all together.
};

enum class PointStatus { kPending, kDone, kStalled, kInterrupted, kFailed };

/// Where a point stands.
struct PointState {
  PointStatus status = PointStatus::kPending;
  std::string error;       ///< Why it failed, or who waits when it stalled; one line.
  bool was_there = false;  ///< A former sweep had ended it.
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

/// Runs the points, each in a forked process that leaves the same run directory as `hearsay
/// run`. A run that fails, or whose process dies, does not stop the others. Data in files
/// are read once, before, and shared by the processes. Setting `stop` ends the runs under
/// way as run_scenario() does, and starts no more. With `resume`, runs that are done or
/// stalled stay as they are, others go on from their checkpoints or begin again.
/// REQUIRES: no other thread in this process; no sweep.errors.
/// @returns the state of every point, by index.
/// @throws UserError, before anything is run, if `out` is not empty without `resume`, or
///         holds a run of another scenario under a point's name, or cannot be made, or data
///         cannot be loaded.
std::vector<PointState> run_sweep(const Sweep& sweep, const SweepRunOptions& options,
                                  const std::atomic<bool>& stop, SweepListener& listener);

}  // namespace hearsay

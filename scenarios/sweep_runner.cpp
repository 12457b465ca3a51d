#include "scenarios/sweep_runner.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/base/stopwatch.hpp"
#include "results/finished_run.hpp"
#include "results/summary_text.hpp"
#include "scenarios/forked_runs.hpp"
#include "scenarios/loader.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Finds what a former sweep has left at a point's place; sets the state if it has ended.
/// @returns whether a run is there that can go on.
bool find_run(const SweepPoint& point, const fs::path& path, PointState& state) {
  if (!is_run_directory(path)) return false;
  if (content_of(path / "scenario.yaml") != resolved_yaml(point.scenario)) {
    throw UserError("--out: " + path.string() +
                    " holds a run of another scenario; choose another directory");
  }
  const std::string status = status_of_run(path).value_or("");
  if (status != status_name(RunStatus::kDone) && status != status_name(RunStatus::kStalled)) {
    return true;
  }
  state.was_there = true;
  state.status =
      status == status_name(RunStatus::kDone) ? PointStatus::kDone : PointStatus::kStalled;
  return false;
}

void make_directory(const SweepRunOptions& options) {
  std::error_code error;
  if (!options.resume && fs::exists(options.out, error) && !fs::is_empty(options.out, error)) {
    throw UserError("--out: " + options.out.string() +
                    " is not empty; go on with --resume, or choose another directory");
  }
  fs::create_directories(options.out, error);
  if (error) {
    throw UserError("--out: " + options.out.string() + " cannot be created: " + error.message());
  }
}

class SweepRunner {
 public:
  SweepRunner(const Sweep& sweep, const SweepRunOptions& options, const std::atomic<bool>& stop,
              SweepListener& listener)
      : sweep_(sweep),
        options_(options),
        stop_(stop),
        listener_(listener),
        states_(sweep.points.size()) {
    HEARSAY_CHECK(sweep.errors.empty());
    HEARSAY_CHECK(options.jobs >= 1);
  }

  std::vector<PointState> run() {
    make_directory(options_);
    const std::vector<PointTask> todo = find_work();
    const std::unique_ptr<PointRuns> runs =
        options_.array ? make_array_runs(sweep_, todo, options_.out, *options_.array)
                       : make_forked_runs(sweep_, todo, options_.out, options_.run, options_.jobs);
    const Stopwatch wall;
    while (!runs->is_done()) {
      if (stop_) runs->stop();
      for (const PointEnd& end : runs->wait()) {
        states_[end.point] = end.state;
        for (const std::string& line : end.warnings) warn(line);
        if (options_.part) write_outcome(options_.out, sweep_.points[end.point].name, end);
        listener_.on_ended(sweep_.points[end.point], end.state, progress(*runs, wall));
      }
      listener_.on_waiting(progress(*runs, wall));
    }
    return std::move(states_);
  }

 private:
  bool is_ours(std::size_t point) const {
    return !options_.part || point % options_.part->of == options_.part->task;
  }

  std::vector<PointTask> find_work() {
    std::vector<PointTask> todo;
    for (std::size_t p = 0; p < states_.size(); ++p) {
      if (!is_ours(p)) continue;
      const std::string& name = sweep_.points[p].name;
      const bool is_resumed = find_run(sweep_.points[p], options_.out / name, states_[p]);
      if (!states_[p].was_there) {
        todo.push_back({p, is_resumed});
      } else if (options_.part) {
        write_outcome(options_.out, name, {.point = p, .state = states_[p], .warnings = {}});
      }
    }
    return todo;
  }

  void warn(const std::string& line) {
    if (warned_.insert(line).second) listener_.on_warning(line);
  }

  SweepProgress progress(const PointRuns& runs, const Stopwatch& wall) const {
    SweepProgress progress{.total = 0, .running = runs.running()};
    for (std::size_t p = 0; p < states_.size(); ++p) progress.total += is_ours(p) ? 1 : 0;
    std::size_t ended_here = 0;
    for (const PointState& state : states_) {
      if (state.status == PointStatus::kPending) continue;
      if (state.status == PointStatus::kInterrupted) continue;
      ++progress.ended;
      if (!state.was_there) ++ended_here;
      if (state.status == PointStatus::kFailed) ++progress.failed;
      if (state.status == PointStatus::kStalled) ++progress.stalled;
    }
    if (ended_here > 0) {
      const auto left = static_cast<double>(progress.total - progress.ended);
      progress.seconds_left = wall.seconds() / static_cast<double>(ended_here) * left;
    }
    return progress;
  }

  const Sweep& sweep_;
  const SweepRunOptions& options_;
  const std::atomic<bool>& stop_;
  SweepListener& listener_;
  std::vector<PointState> states_;
  std::set<std::string> warned_;
};

}  // namespace

std::vector<PointState> run_sweep(const Sweep& sweep, const SweepRunOptions& options,
                                  const std::atomic<bool>& stop, SweepListener& listener) {
  return SweepRunner(sweep, options, stop, listener).run();
}

}  // namespace hearsay

#include "scenarios/sweep_runner.hpp"

#include <poll.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"
#include "node/base/stopwatch.hpp"
#include "results/finished_run.hpp"
#include "results/summary_text.hpp"
#include "scenarios/forked_task.hpp"
#include "scenarios/loader.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// How a point's run is to be begun.
enum class Start { kNot, kResume, kAfresh };

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Finds what a former sweep has left at a point's place, and sets the state accordingly.
Start find_start(const SweepPoint& point, const fs::path& path, PointState& state) {
  if (!is_run_directory(path)) return Start::kAfresh;
  if (content_of(path / "scenario.yaml") != resolved_yaml(point.scenario)) {
    throw UserError("--out: " + path.string() +
                    " holds a run of another scenario; choose another directory");
  }
  const std::string status = status_of_run(path).value_or("");
  if (status != status_name(RunStatus::kDone) && status != status_name(RunStatus::kStalled)) {
    return Start::kResume;
  }
  state.was_there = true;
  state.status =
      status == status_name(RunStatus::kDone) ? PointStatus::kDone : PointStatus::kStalled;
  return Start::kNot;
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

/// Data of files, which do not depend on a seed, read once.
class SharedData {
 public:
  void add(const DataSource& source) {
    const bool in_files = std::holds_alternative<FashionMnistOptions>(source) ||
                          std::holds_alternative<IdxOptions>(source);
    if (in_files && find(source) == loaded_.end()) {
      loaded_.emplace_back(source, load_data(source, Rng(0)));
    }
  }

  TrainTestData load(const DataSource& source, const Rng& rng) const {
    const auto found = find(source);
    return found != loaded_.end() ? found->second : load_data(source, rng);
  }

 private:
  using Loaded = std::vector<std::pair<DataSource, TrainTestData>>;

  Loaded::const_iterator find(const DataSource& source) const {
    return std::ranges::find(loaded_, source, &Loaded::value_type::first);
  }

  Loaded loaded_;
};

/// Keeps what is to be told to the process that waits.
class WarningCollector final : public RunListener {
 public:
  void on_progress(const RunProgress&) override {}
  void on_evaluated(const MetricsRow&) override {}
  void on_warning(const std::string& line) override { lines.push_back(line); }

  std::vector<std::string> lines;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Carries out a run in a forked process; returns JSON.
std::string carry_out(const SweepPoint& point, Start start, const RunOptions& options,
                      const std::atomic<bool>& stop) {
  WarningCollector listener;
  Json said;
  try {
    const RunReport report = start == Start::kResume
                                 ? resume_run(*options.out, options, stop, listener)
                                 : run_scenario(point.scenario, options, stop, listener);
    said["status"] = status_name(report.summary.status);
    said["error"] = first_line(report.waits);
  } catch (const std::exception& error) {
    said["status"] = "failed";
    said["error"] = first_line(error.what());
  }
  said["warnings"] = listener.lines;
  return said.dump(-1, ' ', false, Json::error_handler_t::replace);
}

PointStatus status_named(const std::string& name) {
  if (name == status_name(RunStatus::kDone)) return PointStatus::kDone;
  if (name == status_name(RunStatus::kStalled)) return PointStatus::kStalled;
  if (name == status_name(RunStatus::kInterrupted)) return PointStatus::kInterrupted;
  return PointStatus::kFailed;
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
    for (std::size_t p = 0; p < states_.size(); ++p) {
      const Start start = find_start(sweep_.points[p], path_of(p), states_[p]);
      if (start == Start::kNot) continue;
      todo_.emplace_back(p, start);
      data_.add(sweep_.points[p].scenario.data.source);
    }
    const Stopwatch wall;
    while (next_ < todo_.size() || !running_.empty()) {
      if (stop_) {
        for (const auto& [point, task] : running_) task.ask_to_stop();
        next_ = todo_.size();
      }
      while (running_.size() < static_cast<std::size_t>(options_.jobs) && next_ < todo_.size()) {
        begin(todo_[next_++]);
      }
      wait_for_news(wall);
    }
    return std::move(states_);
  }

 private:
  fs::path path_of(std::size_t point) const { return options_.out / sweep_.points[point].name; }

  void begin(const std::pair<std::size_t, Start>& todo) {
    const auto [p, start] = todo;
    const SweepPoint& point = sweep_.points[p];
    // A run that was killed before it wrote a manifest left only files that are begun again.
    if (start == Start::kAfresh) fs::remove_all(path_of(p));
    RunOptions options = options_.run;
    options.out = path_of(p);
    options.workers = std::max(1, options.workers / options_.jobs);
    options.load_data = [this](const DataSource& source, const Rng& rng) {
      return data_.load(source, rng);
    };
    running_.emplace(p, ForkedTask([&, start = start](const std::atomic<bool>& stop) {
                       return carry_out(point, start, options, stop);
                     }));
  }

  void wait_for_news(const Stopwatch& wall) {
    // Also how soon a request to stop is seen.
    constexpr int kMilliseconds = 100;
    std::vector<pollfd> streams;
    for (const auto& [point, task] : running_) streams.push_back({task.descriptor(), POLLIN, 0});
    poll(streams.data(), streams.size(), kMilliseconds);
    std::size_t i = 0;
    for (auto task = running_.begin(); task != running_.end();) {
      if (streams[i++].revents == 0 || !task->second.has_ended()) {
        ++task;
        continue;
      }
      const auto ended = running_.extract(task++);
      take_result(ended.key(), ended.mapped(), wall);
    }
    listener_.on_waiting(progress(wall));
  }

  void take_result(std::size_t p, const ForkedTask& task, const Stopwatch& wall) {
    PointState& state = states_[p];
    const Json said = Json::parse(task.result(), nullptr, /*allow_exceptions=*/false);
    if (said.is_object()) {
      state.status = status_named(said["status"].get<std::string>());
      state.error = said["error"].get<std::string>();
      for (const Json& line : said["warnings"]) warn(line.get<std::string>());
    } else {
      state.status = PointStatus::kFailed;
      state.error = "its process was " + task.death();
    }
    listener_.on_ended(sweep_.points[p], state, progress(wall));
  }

  void warn(const std::string& line) {
    if (warned_.insert(line).second) listener_.on_warning(line);
  }

  SweepProgress progress(const Stopwatch& wall) const {
    SweepProgress progress{.total = states_.size(), .running = running_.size()};
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
  SharedData data_;
  std::vector<std::pair<std::size_t, Start>> todo_;
  std::size_t next_ = 0;
  std::map<std::size_t, ForkedTask> running_;  ///< By point.
  std::set<std::string> warned_;
};

}  // namespace

std::vector<PointState> run_sweep(const Sweep& sweep, const SweepRunOptions& options,
                                  const std::atomic<bool>& stop, SweepListener& listener) {
  return SweepRunner(sweep, options, stop, listener).run();
}

}  // namespace hearsay

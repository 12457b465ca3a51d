#include "scenarios/forked_runs.hpp"

#include <poll.h>

#include <algorithm>
#include <map>
#include <utility>

#include "results/summary_text.hpp"
#include "scenarios/forked_task.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

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

PointStatus status_of(RunStatus status) {
  switch (status) {
    case RunStatus::kDone:
      return PointStatus::kDone;
    case RunStatus::kStalled:
      return PointStatus::kStalled;
    case RunStatus::kInterrupted:
      return PointStatus::kInterrupted;
  }
  return PointStatus::kFailed;
}

/// Carries out a run in a forked process.
std::string carry_out(const SweepPoint& point, bool is_resumed, const RunOptions& options,
                      const std::atomic<bool>& stop) {
  WarningCollector listener;
  PointEnd end;
  try {
    const RunReport report = is_resumed ? resume_run(*options.out, options, stop, listener)
                                        : run_scenario(point.scenario, options, stop, listener);
    end.state = {.status = status_of(report.summary.status), .error = first_line(report.waits)};
  } catch (const std::exception& error) {
    end.state = {.status = PointStatus::kFailed, .error = first_line(error.what())};
  }
  end.warnings = std::move(listener.lines);
  return outcome_text(end);
}

class ForkedRuns final : public PointRuns {
 public:
  ForkedRuns(const Sweep& sweep, std::vector<PointTask> todo, fs::path out, const RunOptions& run,
             int jobs)
      : sweep_(sweep), todo_(std::move(todo)), out_(std::move(out)), run_(run), jobs_(jobs) {
    for (const PointTask& task : todo_) data_.add(sweep.points[task.point].scenario.data.source);
  }

  std::vector<PointEnd> wait() override {
    while (running_.size() < static_cast<std::size_t>(jobs_) && next_ < todo_.size()) {
      begin(todo_[next_++]);
    }
    // Also how soon a request to stop is seen.
    constexpr int kMilliseconds = 100;
    std::vector<pollfd> streams;
    for (const auto& [point, task] : running_) streams.push_back({task.descriptor(), POLLIN, 0});
    poll(streams.data(), streams.size(), kMilliseconds);
    std::vector<PointEnd> ends;
    std::size_t i = 0;
    for (auto task = running_.begin(); task != running_.end();) {
      if (streams[i++].revents == 0 || !task->second.has_ended()) {
        ++task;
        continue;
      }
      const auto ended = running_.extract(task++);
      ends.push_back(end_of(ended.key(), ended.mapped()));
    }
    return ends;
  }

  std::size_t running() const override { return running_.size(); }
  bool is_done() const override { return running_.empty() && next_ == todo_.size(); }

  void stop() override {
    for (const auto& [point, task] : running_) task.ask_to_stop();
    next_ = todo_.size();
  }

 private:
  void begin(const PointTask& task) {
    const SweepPoint& point = sweep_.points[task.point];
    RunOptions options = run_;
    options.out = out_ / point.name;
    // A run that was killed before it wrote a manifest left only files that are begun again.
    if (!task.is_resumed) fs::remove_all(*options.out);
    options.workers = std::max(1, options.workers / jobs_);
    options.load_data = [this](const DataSource& source, const Rng& rng) {
      return data_.load(source, rng);
    };
    running_.emplace(task.point, ForkedTask([&](const std::atomic<bool>& stop) {
                       return carry_out(point, task.is_resumed, options, stop);
                     }));
  }

  static PointEnd end_of(std::size_t point, const ForkedTask& task) {
    if (auto end = parse_outcome(task.result(), point)) return *std::move(end);
    return {.point = point,
            .state = {.status = PointStatus::kFailed, .error = "its process was " + task.death()},
            .warnings = {}};
  }

  const Sweep& sweep_;
  std::vector<PointTask> todo_;
  fs::path out_;
  const RunOptions& run_;
  int jobs_;
  SharedData data_;
  std::size_t next_ = 0;
  std::map<std::size_t, ForkedTask> running_;  ///< By point.
};

}  // namespace

std::unique_ptr<PointRuns> make_forked_runs(const Sweep& sweep, std::vector<PointTask> todo,
                                            fs::path out, const RunOptions& run, int jobs) {
  return std::make_unique<ForkedRuns>(sweep, std::move(todo), std::move(out), run, jobs);
}

}  // namespace hearsay

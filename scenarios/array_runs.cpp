#include "scenarios/array_runs.hpp"

#include <poll.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "node/base/error.hpp"
#include "node/base/stopwatch.hpp"
#include "scenarios/launcher.hpp"
#include "scenarios/slurm.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr int kPauseMs = 100;

// Slurm is asked at this interval at first, and ever more seldom.
constexpr double kAskFirstS = 0.5;
constexpr double kAskLastS = 5.0;

// How long after its task a result may still be on its way over a shared file system.
constexpr double kLateS = 3.0;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
}

class ArrayRuns final : public PointRuns {
 public:
  ArrayRuns(const Sweep& sweep, const std::vector<PointTask>& todo, fs::path out,
            const ArrayOptions& options)
      : sweep_(sweep), out_(std::move(out)) {
    for (const PointTask& task : todo) missing_.insert(task.point);
    if (missing_.empty()) return;
    fs::create_directories(out_ / "tasks");
    refuse_second_job();
    for (const std::size_t point : missing_) fs::remove(file_of(point));
    write_file(scenario_copy(out_), options.scenario);
    submit(options);
  }

  std::vector<PointEnd> wait() override {
    if (is_done()) return {};
    poll(nullptr, 0, kPauseMs);
    ask_slurm();
    std::vector<PointEnd> ends = take_outcomes();
    if (!since_end_ || is_done()) return ends;
    // Ended tasks that have left nothing are waited for a little.
    if (!was_cancelled_ && since_end_->seconds() < kLateS) return ends;
    const std::set<std::size_t> lost = std::exchange(missing_, {});
    if (was_cancelled_) return ends;
    for (const std::size_t point : lost) ends.push_back(end_without_outcome(point));
    return ends;
  }

  std::size_t running() const override { return running_; }
  bool is_done() const override { return missing_.empty(); }

  void stop() override {
    if (!is_done() && !std::exchange(was_cancelled_, true)) cancel_job(job_);
  }

 private:
  fs::path file_of(std::size_t point) const {
    return outcome_file(out_, sweep_.points[point].name);
  }
  fs::path job_file() const { return out_ / "tasks" / "job"; }

  // Two tasks must not work in one run directory.
  void refuse_second_job() const {
    const std::string former = content_of(job_file());
    if (former.empty()) return;
    const std::vector<SlurmTask> tasks = tasks_of_job(former);
    if (std::ranges::all_of(tasks, [](const SlurmTask& task) { return is_over(task, true); })) {
      return;
    }
    throw UserError("--resume: job " + former + " still carries out this sweep; wait until " +
                    "squeue no longer lists it, or end it with: scancel " + former);
  }

  void submit(const ArrayOptions& options) {
    num_tasks_ = std::min(sweep_.points.size(), static_cast<std::size_t>(largest_array()));
    std::set<std::size_t> indices;
    for (const std::size_t point : missing_) indices.insert(point % num_tasks_);
    std::string array = array_text({indices.begin(), indices.end()});
    if (options.most_at_once > 0) array += "%" + std::to_string(options.most_at_once);
    std::vector<std::string> sbatch{"--job-name=hearsay",
                                    "--array=" + array,
                                    "--nodes=1",
                                    "--ntasks=1",
                                    "--cpus-per-task=" + std::to_string(options.cpus),
                                    "--requeue",
                                    "--open-mode=append",
                                    "--output=" + (out_ / "tasks" / "%a.log").string()};
    sbatch.insert(sbatch.end(), options.sbatch.begin(), options.sbatch.end());
    job_ = submit_job("exec " + shell_line(options.command) + " --task \"$SLURM_ARRAY_TASK_ID\"/" +
                          std::to_string(num_tasks_),
                      sbatch);
    write_file(job_file(), job_);
  }

  void ask_slurm() {
    if (since_end_ || asked_.seconds() < interval_) return;
    asked_ = Stopwatch();
    interval_ = std::min(interval_ * 1.1, kAskLastS);
    const std::vector<SlurmTask> tasks = tasks_of_job(job_);
    running_ = static_cast<std::size_t>(
        std::ranges::count(tasks, std::string("RUNNING"), &SlurmTask::state));
    for (const SlurmTask& task : tasks) states_[task.index] = task.state;
    const auto has_ended = [this](const SlurmTask& task) { return is_over(task, was_cancelled_); };
    if (std::ranges::all_of(tasks, has_ended)) since_end_.emplace();
  }

  // One that was interrupted may be about to be run again, unless nothing runs any more.
  std::vector<PointEnd> take_outcomes() {
    std::set<fs::path> there;
    for (const auto& entry : fs::directory_iterator(out_ / "tasks")) there.insert(entry.path());
    std::vector<PointEnd> ends;
    for (auto point = missing_.begin(); point != missing_.end();) {
      const fs::path file = file_of(*point);
      std::optional<PointEnd> end;
      if (there.contains(file)) end = parse_outcome(content_of(file), *point);
      if (!end || (end->state.status == PointStatus::kInterrupted && !since_end_)) {
        ++point;
        continue;
      }
      ends.push_back(*std::move(end));
      point = missing_.erase(point);
    }
    return ends;
  }

  PointEnd end_without_outcome(std::size_t point) const {
    PointEnd end{.point = point};
    const auto state = states_.find(static_cast<int>(point % num_tasks_));
    end.state = {.status = PointStatus::kFailed,
                 .error = "its task in job " + job_ + " left no result (" +
                          (state == states_.end() ? "unknown to Slurm" : state->second) + ")"};
    return end;
  }

  const Sweep& sweep_;
  fs::path out_;
  std::set<std::size_t> missing_;  ///< Points without an outcome.
  std::size_t num_tasks_ = 1;
  std::string job_;
  Stopwatch asked_;
  double interval_ = kAskFirstS;
  std::map<int, std::string> states_;  ///< Last known, by task.
  std::size_t running_ = 0;
  std::optional<Stopwatch> since_end_;  ///< All tasks are over.
  bool was_cancelled_ = false;
};

}  // namespace

fs::path scenario_copy(const fs::path& out) { return out / "tasks" / "sweep.yaml"; }

std::unique_ptr<PointRuns> make_array_runs(const Sweep& sweep, const std::vector<PointTask>& todo,
                                           fs::path out, const ArrayOptions& options) {
  return std::make_unique<ArrayRuns>(sweep, todo, std::move(out), options);
}

std::string array_text(const std::vector<std::size_t>& indices) {
  std::string text;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::size_t last = i;
    while (last + 1 < indices.size() && indices[last + 1] == indices[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(indices[i]);
    if (last > i) text += "-" + std::to_string(indices[last]);
    i = last;
  }
  return text;
}

}  // namespace hearsay

#include "node/job_command.hpp"

#include <poll.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "node/base/stopwatch.hpp"
#include "node/command_line.hpp"
#include "scenarios/launcher.hpp"
#include "scenarios/slurm.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr int kLookAtFilesMs = 100;

// Slurm is asked at this interval at first, and ever more seldom.
constexpr double kAskFirstS = 0.5;
constexpr double kAskLastS = 5.0;

/// A file that grows, shown as it does.
class ShownFile {
 public:
  ShownFile(fs::path path, std::FILE* stream) : path_(std::move(path)), stream_(stream) {
    fs::remove(path_);
  }

  void show_more() {
    std::ifstream file(path_, std::ios::binary);
    file.seekg(shown_);
    std::array<char, 4096> bytes;
    while (file) {
      file.read(bytes.data(), bytes.size());
      std::fwrite(bytes.data(), 1, static_cast<std::size_t>(file.gcount()), stream_);
      shown_ += file.gcount();
    }
    std::fflush(stream_);
  }

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  std::FILE* stream_;
  std::streamoff shown_ = 0;
};

fs::path beside(const fs::path& run, const std::string& suffix) {
  fs::path path = fs::absolute(run).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path.string() + suffix;
}

/// One job, from its submission to its end.
class Job {
 public:
  Job(const std::string& line, const std::vector<std::string>& options, const fs::path& run)
      : out_(beside(run, ".job.out"), stdout), err_(beside(run, ".job.err"), stderr) {
    std::vector<std::string> all{"--open-mode=append", "--output=" + out_.path().string(),
                                 "--error=" + err_.path().string()};
    fs::create_directories(out_.path().parent_path());
    all.insert(all.end(), options.begin(), options.end());
    id_ = submit_job(line, all);
    std::fprintf(stderr, "job           %s\n", id_.c_str());
  }

  /// How it ended.
  SlurmTask wait(const std::atomic<bool>& stop) {
    SlurmTask task{.state = "PENDING"};
    Stopwatch asked;
    double interval = kAskFirstS;
    bool begins_again = false;
    while (!is_over(task, was_cancelled_ || begins_again)) {
      poll(nullptr, 0, kLookAtFilesMs);
      show_more();
      if (stop.load() && !std::exchange(was_cancelled_, true)) cancel_job(id_);
      if (asked.seconds() < interval) continue;
      asked = Stopwatch();
      interval = std::min(interval * 1.1, kAskLastS);
      const std::vector<SlurmTask> tasks = tasks_of_job(id_);
      if (tasks.empty()) throw std::runtime_error("Slurm has forgotten job " + id_);
      tell_if_it_waits(tasks.front(), task);
      begins_again = begins_again || tasks.front().restarts > task.restarts;
      task = tasks.front();
      if (task.state != "COMPLETING") begins_again = false;
      if (!was_cancelled_ && has_lost_first_node(task)) begin_again(task.first_node);
    }
    show_more();
    return task;
  }

  bool was_cancelled() const { return was_cancelled_; }

  void move_output(const fs::path& folder) const {
    std::error_code none;
    if (!fs::is_directory(folder, none)) return;
    fs::rename(out_.path(), folder / "job.out", none);
    fs::rename(err_.path(), folder / "job.err", none);
  }

 private:
  void begin_again(const std::string& node) const {
    std::fprintf(stderr, "job           %s begins again: its first node, %s, is lost\n",
                 id_.c_str(), node.c_str());
    requeue_job(id_);
  }

  void tell_if_it_waits(const SlurmTask& task, const SlurmTask& before) const {
    if (task == before || task.state != "PENDING" || task.reason == "None") return;
    std::fprintf(stderr, "job           %s waits (%s)\n", id_.c_str(), task.reason.c_str());
  }

  void show_more() {
    out_.show_more();
    err_.show_more();
  }

  ShownFile out_;
  ShownFile err_;
  std::string id_;
  bool was_cancelled_ = false;
};

}  // namespace

void add_sbatch_options(CLI::App& command, std::vector<std::string>& options) {
  command
      .add_option("--sbatch", options,
                  "option for sbatch, with --launcher slurm, e.g. --sbatch=--time=60; repeatable")
      ->allow_extra_args(false)
      ->option_text("OPTION");
}

int run_in_job(const std::vector<std::string>& arguments, const std::vector<std::string>& options,
               const fs::path& run, const std::atomic<bool>& stop) {
  std::vector<std::string> words{fs::canonical("/proc/self/exe")};
  words.insert(words.end(), arguments.begin(), arguments.end());
  Job job("exec " + shell_line(words), options, run);
  const SlurmTask end = job.wait(stop);
  job.move_output(run / "logs");
  if (job.was_cancelled()) return kExitInterrupted;
  if (end.state != "COMPLETED" && end.state != "COMPLETING" && end.state != "FAILED") {
    throw std::runtime_error("Slurm ended the job: " + end.state);
  }
  return end.exit_code;
}

}  // namespace hearsay

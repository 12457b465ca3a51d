#include "node/replay_command.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "node/base/error.hpp"
#include "node/command_line.hpp"
#include "node/progress.hpp"
#include "results/finished_run.hpp"
#include "results/run_file.hpp"
#include "results/trace.hpp"
#include "scenarios/loader.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

/// A directory that is removed with the object, unless the user chose it.
class RunPlace {
 public:
  explicit RunPlace(const std::optional<fs::path>& chosen) : is_kept_(chosen.has_value()) {
    if (chosen) {
      path_ = *chosen;
      return;
    }
    std::string name = (fs::temp_directory_path() / "hearsay-replay-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + " cannot be made");
    path_ = name;
  }
  ~RunPlace() {
    std::error_code ignored;
    if (!is_kept_) fs::remove_all(path_, ignored);
  }
  RunPlace(const RunPlace&) = delete;
  RunPlace& operator=(const RunPlace&) = delete;

  const fs::path& path() const { return path_; }

 private:
  bool is_kept_;
  fs::path path_;
};

/// What the manifests say the runs were made with, where they differ.
void print_makings(const fs::path& first, const fs::path& second) {
  const nlohmann::json one = RunFile(first / "manifest.json").json();
  const nlohmann::json other = RunFile(second / "manifest.json").json();
  for (const char* const key : {"scenario_digest", "commit", "versions", "cpu", "kernels"}) {
    const std::string mine = one.value(key, nlohmann::json()).dump();
    const std::string its = other.value(key, nlohmann::json()).dump();
    if (mine != its) std::printf("%s: %s | %s\n", key, mine.c_str(), its.c_str());
  }
}

int compare_runs_of(const fs::path& first, const fs::path& second) {
  const FinishedRun one = read_finished_run(first);
  const FinishedRun other = read_finished_run(second);
  const bool is_whole = one.status == "done" || one.status == "stalled";
  const auto difference = first_difference(first, second, is_whole);
  const bool is_same =
      one.model_digest == other.model_digest && one.event_digest == other.event_digest;
  if (!difference && (is_same || !is_whole)) {
    std::printf("the runs agree%s\n", is_whole ? "" : ", as far as the first one came");
    std::printf("model digest  %s\nevent digest  %s\n", other.model_digest.c_str(),
                other.event_digest.c_str());
    return kExitDone;
  }
  std::printf("the runs differ\n");
  std::printf("model digest  %s | %s\n", one.model_digest.c_str(), other.model_digest.c_str());
  std::printf("event digest  %s | %s\n", one.event_digest.c_str(), other.event_digest.c_str());
  if (!difference) {
    std::printf("first difference  after the last event that trace.csv has\n");
  } else if (difference->first == difference->second) {
    std::printf("first difference  %s: what it brought\n", difference->first.c_str());
  } else {
    const auto or_end = [](const std::string& words) {
      return words.empty() ? std::string("no more events") : words;
    };
    std::printf("first difference  %s | %s\n", or_end(difference->first).c_str(),
                or_end(difference->second).c_str());
  }
  print_makings(first, second);
  return kExitDiffers;
}

}  // namespace

int replay(const ReplayArguments& arguments, const std::atomic<bool>& stop) {
  if (!arguments.other.empty()) return compare_runs_of(arguments.run, arguments.other);
  const fs::path run = arguments.run;
  if (!is_run_directory(run)) {
    throw UserError(run.string() + ": holds no run (no manifest.json)");
  }
  RunFile(run / "trace.csv").open();  // Older versions left none: found before the work is done.
  const Scenario scenario = load_scenario(run / "scenario.yaml");
  const RunPlace place(arguments.options.out);
  if (fs::exists(place.path()) && fs::equivalent(place.path(), run)) {
    throw UserError("--out: " + run.string() + " is the run that is to be repeated");
  }
  RunOptions options = arguments.options;
  options.out = place.path();
  ProgressPrinter progress(stderr, /*json=*/false);
  const RunReport again = run_scenario(scenario, options, stop, progress);
  progress.clear();
  if (again.summary.status == RunStatus::kInterrupted) return kExitInterrupted;
  return compare_runs_of(run, place.path());
}

}  // namespace hearsay

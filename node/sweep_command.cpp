#include "node/sweep_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include "node/base/error.hpp"
#include "node/command_line.hpp"
#include "node/job_command.hpp"
#include "results/number_text.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/quantities.hpp"
#include "scenarios/sweep.hpp"
#include "scenarios/sweep_report.hpp"
#include "scenarios/sweep_runner.hpp"

namespace hearsay {
namespace {

/// One line that is rewritten in place on a terminal; elsewhere one line per run.
class SweepPrinter final : public SweepListener {
 public:
  void on_ended(const SweepPoint& point, const PointState& state,
                const SweepProgress& progress) override {
    if (state.status == PointStatus::kFailed || state.status == PointStatus::kStalled) {
      clear();
      std::fprintf(stderr, "%s: %s: %s\n",
                   state.status == PointStatus::kFailed ? "failed" : "stalled", point.name.c_str(),
                   state.error.c_str());
    }
    if (is_terminal_) {
      on_waiting(progress);
    } else {
      std::fprintf(stderr, "%s  %s\n", text_of(progress).c_str(), point.name.c_str());
    }
  }

  void on_waiting(const SweepProgress& progress) override {
    if (!is_terminal_) return;
    const std::string text = text_of(progress);
    if (text == shown_) return;
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
    std::fflush(stderr);
    shown_ = text;
  }

  void on_warning(const std::string& line) override {
    clear();
    std::fprintf(stderr, "warning: %s\n", line.c_str());
  }

  void clear() {
    if (!shown_.empty()) std::fputs("\r\033[K", stderr);
    shown_.clear();
  }

 private:
  static std::string text_of(const SweepProgress& progress) {
    std::string text = std::to_string(progress.ended) + "/" + std::to_string(progress.total) +
                       " ended, " + std::to_string(progress.failed) + " failed";
    if (progress.stalled > 0) text += ", " + std::to_string(progress.stalled) + " stalled";
    if (!std::isnan(progress.seconds_left)) {
      text += ", " + fixed(std::ceil(progress.seconds_left), 0) + " s left";
    }
    return text;
  }

  const bool is_terminal_ = isatty(fileno(stderr)) == 1;
  std::string shown_;
};

/// Prints all that is wrong.
int refuse(const std::vector<std::string>& errors) {
  constexpr std::size_t kMost = 20;
  for (std::size_t i = 0; i < errors.size() && i < kMost; ++i) {
    std::fprintf(stderr, "error: %s\n", errors[i].c_str());
  }
  if (errors.size() > kMost) {
    std::fprintf(stderr, "error: and %zu more\n", errors.size() - kMost);
  }
  return kExitUserError;
}

/// How many points have the status.
std::size_t count(const std::vector<PointState>& states, PointStatus status) {
  std::size_t number = 0;
  for (const PointState& state : states) number += state.status == status ? 1 : 0;
  return number;
}

int exit_code_of(const std::vector<PointState>& states) {
  if (count(states, PointStatus::kPending) + count(states, PointStatus::kInterrupted) > 0) {
    return kExitInterrupted;
  }
  if (count(states, PointStatus::kFailed) > 0) return kExitRunFailed;
  return count(states, PointStatus::kStalled) > 0 ? kExitStalled : kExitDone;
}

void print_end(const std::vector<PointState>& states, const std::filesystem::path& out) {
  std::size_t former = 0;
  for (const PointState& state : states) former += state.was_there ? 1 : 0;
  std::printf("%zu runs: %zu done, %zu stalled, %zu failed, %zu not finished", states.size(),
              count(states, PointStatus::kDone), count(states, PointStatus::kStalled),
              count(states, PointStatus::kFailed),
              count(states, PointStatus::kPending) + count(states, PointStatus::kInterrupted));
  if (former > 0) std::printf("; %zu had ended before", former);
  std::printf("\n");
  std::printf("results       %s\n", (out / "table.md").c_str());
  std::printf("compare with  hearsay compare %s\n", out.c_str());
}

std::optional<SweepPart> part_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t slash = text.find('/');
  int task = 0;
  int of = 0;
  const bool is_pair = slash != std::string::npos && !parse_value(text.substr(0, slash), task) &&
                       !parse_value(text.substr(slash + 1), of);
  if (!is_pair || task < 0 || task >= of) {
    throw UserError("--task: \"" + text + "\" is no K/N with K from 0 to N-1");
  }
  return SweepPart{static_cast<std::size_t>(task), static_cast<std::size_t>(of)};
}

ArrayOptions array_of(const SweepArguments& arguments, const std::filesystem::path& out) {
  const int threads = std::max(1, arguments.workers);
  std::vector<std::string> command{std::filesystem::canonical("/proc/self/exe"), "sweep",
                                   scenario_copy(out)};
  for (const std::string& text : arguments.overrides) command.insert(command.end(), {"-c", text});
  command.insert(command.end(), {"--out", out.string(), "--workers", std::to_string(threads),
                                 "--transport", std::string(name_of(arguments.run.transport))});
  if (arguments.run.portable_kernels) command.emplace_back("--portable-kernels");
  return {.command = std::move(command),
          .scenario = read_scenario_text(arguments.scenario),
          .most_at_once = arguments.jobs,
          .cpus = threads,
          .sbatch = arguments.sbatch};
}

SweepRunOptions options_of(const SweepArguments& arguments, const Sweep& planned) {
  SweepRunOptions options{
      .out = arguments.out.empty() ? "results/sweeps/" + planned.name : arguments.out,
      .resume = arguments.resume,
      .jobs = std::max(1, arguments.jobs),
      .run = arguments.run,
      .part = part_of(arguments.task),
      .array = {}};
  if (arguments.launcher == "slurm") {
    if (options.part) throw UserError("--task: is what --launcher slurm makes its tasks do");
    options.out = std::filesystem::absolute(options.out);
    options.array = array_of(arguments, options.out);
  } else if (!arguments.sbatch.empty()) {
    throw UserError("--sbatch: is for --launcher slurm, not local");
  }
  // Other tasks are at work in the same directory.
  if (options.part) options.resume = true;
  return options;
}

}  // namespace

void add_sweep_places(CLI::App& command, SweepArguments& arguments) {
  command
      .add_option("--jobs", arguments.jobs,
                  "runs at the same time (default 1; slurm: as it likes); local ones share the "
                  "threads")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
  command.add_option("--launcher", arguments.launcher, "who carries out the runs (default local)")
      ->check(CLI::IsMember({"local", "slurm"}))
      ->option_text("local|slurm");
  add_sbatch_options(command, arguments.sbatch);
  command
      .add_option("--task", arguments.task,
                  "carry out every Nth run, from number K (0 to N-1) on, and leave the tables to a "
                  "sweep with --resume: for a scheduler's arrays")
      ->option_text("K/N");
}

int sweep(const SweepArguments& arguments, const std::atomic<bool>& stop) {
  const Sweep planned = load_sweep(arguments.scenario, arguments.overrides);
  if (!planned.errors.empty()) return refuse(planned.errors);
  const SweepRunOptions options = options_of(arguments, planned);
  SweepPrinter printer;
  const std::vector<PointState> states = run_sweep(planned, options, stop, printer);
  printer.clear();
  if (options.part) return stop.load() ? kExitInterrupted : kExitDone;
  const std::string missing =
      write_sweep_results(read_sweep_results(planned, options.out, states), options.out);
  if (!missing.empty()) printer.on_warning(missing);
  print_end(states, options.out);
  const int exit_code = exit_code_of(states);
  if (exit_code == kExitInterrupted) {
    std::fputs("interrupted; go on with the same command and --resume\n", stderr);
  }
  return exit_code;
}

int validate_sweep(const std::string& scenario, const std::vector<std::string>& overrides,
                   bool json) {
  const Sweep planned = load_sweep(scenario, overrides);
  if (!planned.errors.empty()) return refuse(planned.errors);
  if (json) {
    std::printf("{\"valid\": true, \"runs\": %zu}\n", planned.points.size());
  } else {
    std::printf("%s: valid (a sweep of %zu runs)\n", scenario.c_str(), planned.points.size());
  }
  return kExitDone;
}

}  // namespace hearsay

#include "node/sweep_command.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "node/command_line.hpp"
#include "results/number_text.hpp"
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

}  // namespace

int sweep(const SweepArguments& arguments, const std::atomic<bool>& stop) {
  const Sweep planned = load_sweep(arguments.scenario, arguments.overrides);
  if (!planned.errors.empty()) return refuse(planned.errors);
  const SweepRunOptions options{
      .out = arguments.out.empty() ? "results/sweeps/" + planned.name : arguments.out,
      .resume = arguments.resume,
      .jobs = arguments.jobs,
      .run = arguments.run};
  SweepPrinter printer;
  const std::vector<PointState> states = run_sweep(planned, options, stop, printer);
  printer.clear();
  const std::string missing =
      write_sweep_results(read_sweep_results(planned, options.out, states), options.out);
  if (!missing.empty()) printer.on_warning(missing);

  std::size_t former = 0;
  for (const PointState& state : states) former += state.was_there ? 1 : 0;
  std::printf("%zu runs: %zu done, %zu stalled, %zu failed, %zu not finished", states.size(),
              count(states, PointStatus::kDone), count(states, PointStatus::kStalled),
              count(states, PointStatus::kFailed),
              count(states, PointStatus::kPending) + count(states, PointStatus::kInterrupted));
  if (former > 0) std::printf("; %zu had ended before", former);
  std::printf("\n");
  std::printf("results       %s\n", (options.out / "table.md").c_str());
  std::printf("compare with  hearsay compare %s\n", options.out.c_str());
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

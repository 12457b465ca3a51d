#include "node/run_command.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <string>

#include "node/base/error.hpp"
#include "node/command_line.hpp"
#include "node/progress.hpp"
#include "results/summary_text.hpp"
#include "results/table.hpp"
#include "results/tensorboard.hpp"
#include "scenarios/run_report.hpp"

namespace hearsay {
namespace {

int exit_code_of(RunStatus status) {
  switch (status) {
    case RunStatus::kDone:
      return kExitDone;
    case RunStatus::kInterrupted:
      return kExitInterrupted;
    case RunStatus::kStalled:
      return kExitStalled;
  }
  return kExitRunFailed;
}

/// Shows a run that has ended in other ways too, and says where. It counts as done without.
void write_extras(const std::filesystem::path& run, const RunOutput& output) {
  const auto say = [&](const char* what, const std::filesystem::path& where) {
    if (!output.json) std::printf("%s%s\n", what, where.c_str());
  };
  try {
    if (!output.no_report) {
      const std::filesystem::path page = run / "report.html";
      write_run_report(read_run_report(run), page);
      say("report        ", page);
    }
    if (output.tensorboard) say("TensorBoard   ", write_tensorboard(read_finished_run(run)));
  } catch (const UserError& error) {
    std::fprintf(stderr, "warning: the run is done, but %s\n", error.what());
  }
}

/// The run, followed by a page if that is asked for.
RunReport run_shown(const RunOptions& options, const RunOutput& output, ProgressPrinter& progress,
                    const RunAction& action) {
  if (!output.live) return action(options, progress);
  LiveServer server(*output.live, progress);
  std::fprintf(stderr, "live          %s\n", server.url().c_str());
  return action(options, server);
}

}  // namespace

int carry_out_run(const RunOptions& options, const RunOutput& output, const RunAction& action) {
  ProgressPrinter progress(stderr, output.json, output.clock);
  const RunReport report = run_shown(options, output, progress, action);
  progress.clear();
  const std::string text = output.json ? to_json_line(report.summary) + "\n"
                                       : run_table(report.rows, report.summary, report.directory);
  std::fputs(text.c_str(), stdout);
  write_extras(report.directory, output);
  if (report.summary.status == RunStatus::kStalled) {
    std::fprintf(stderr, "error: the run stalled: %s", report.waits.c_str());
  } else if (report.is_resumable) {
    std::fprintf(stderr, "interrupted; go on with: hearsay resume %s%s\n", report.directory.c_str(),
                 options.portable_kernels ? " --portable-kernels" : "");
  }
  return exit_code_of(report.summary.status);
}

void add_live_page(CLI::App& command, bool& is_live, LiveOptions& page) {
  CLI::Option& live = *command.add_flag(
      "--live", is_live, "show the run in a browser while it goes on; prints the address");
  command.add_option("--port", page.port, "port of the live page (default a free one)")
      ->needs(&live)
      ->check(CLI::Range(0, 65535))
      ->option_text("N");
  command
      .add_option("--host", page.host,
                  "address of the live page (default 127.0.0.1, this machine alone)")
      ->needs(&live)
      ->option_text("ADDRESS");
}

}  // namespace hearsay

#pragma once

#include <functional>
#include <optional>

#include "node/live_server.hpp"
#include "scenarios/runner.hpp"

namespace CLI {
class App;
}

namespace hearsay {

/// What a run leaves and shows beside its files.
struct RunOutput {
  bool json = false;                ///< Lines for machines on stdout, else a table.
  bool no_report = false;           ///< Write no report.html.
  const char* clock = "virtual";    ///< What times are: virtual or wall.
  bool tensorboard = false;         ///< Write an event file for TensorBoard.
  std::optional<LiveOptions> live;  ///< Show the run over HTTP while it goes on.
};

/// Begins a run or goes on with one.
using RunAction = std::function<RunReport(const RunOptions&, RunListener&)>;

/// Carries out a run, prints what it comes to and returns the exit code.
int carry_out_run(const RunOptions& options, const RunOutput& output, const RunAction& action);

/// Adds the options of the page that follows a run.
void add_live_page(CLI::App& command, bool& is_live, LiveOptions& page);

}  // namespace hearsay

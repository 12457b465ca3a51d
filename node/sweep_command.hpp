#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "scenarios/runner.hpp"

namespace CLI {
class App;
}

namespace hearsay {

/// The arguments of `hearsay sweep`.
struct SweepArguments {
  std::string scenario;
  std::vector<std::string> overrides;
  std::string out;  ///< Empty: results/sweeps/NAME.
  int jobs = 0;     ///< 0: not given.
  bool resume = false;
  std::string launcher = "local";
  std::string task;                 ///< "K/N"; empty: all.
  std::vector<std::string> sbatch;  ///< Options.
  int workers = 0;                  ///< As given; 0: not.
  RunOptions run;                   ///< `out` is not looked at.
};

/// Declares the options that say where runs are carried out.
void add_sweep_places(CLI::App& command, SweepArguments& arguments);

/// Carries the command out; returns the exit code. Setting `stop` ends it soon.
/// @throws UserError, before anything is run, for a mistake of the user.
int sweep(const SweepArguments& arguments, const std::atomic<bool>& stop);

/// Prints what is wrong with the runs of a sweep, or that nothing is; returns the exit code.
int validate_sweep(const std::string& scenario, const std::vector<std::string>& overrides,
                   bool json);

}  // namespace hearsay

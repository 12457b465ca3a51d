#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "scenarios/runner.hpp"

namespace hearsay {

/// The arguments of `hearsay sweep`.
struct SweepArguments {
  std::string scenario;
  std::vector<std::string> overrides;
  std::string out;  ///< Empty: results/sweeps/NAME.
  int jobs = 1;
  bool resume = false;
  RunOptions run;  ///< `out` is not looked at.
};

/// Carries the command out; returns the exit code. Setting `stop` ends it soon.
/// @throws UserError, before anything is run, for a mistake of the user.
int sweep(const SweepArguments& arguments, const std::atomic<bool>& stop);

/// Prints what is wrong with the runs of a sweep, or that nothing is; returns the exit code.
int validate_sweep(const std::string& scenario, const std::vector<std::string>& overrides,
                   bool json);

}  // namespace hearsay

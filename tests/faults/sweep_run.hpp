#pragma once

#include <string>
#include <vector>

#include "node/base/archive.hpp"
#include "node/runtime/simulation.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// How a scenario is run; none of it may change the results.
struct SweepLayout {
  int workers = 1;
  int loops = 1;
  SimTime save_at = SimTime::max();       ///< Where to stop and save.
  const Snapshot* resume_from = nullptr;  ///< Where to go on.
};

/// What a run has left behind.
struct SweepResult {
  SimulationOutcome outcome;
  std::string report;                   ///< The outcome in words, all that must be repeatable.
  Snapshot saved;                       ///< If it was to stop.
  std::vector<std::string> complaints;  ///< Of a RunChecker, if there was one.
};

/// Whether several loops can run it.
bool can_use_loops(const Scenario& scenario);

/// @throws UserError if the scenario cannot be built.
SweepResult run_sweep(const Scenario& scenario, const SweepLayout& layout);

/// The same with one worker and one loop, followed by a RunChecker.
SweepResult run_checked(const Scenario& scenario);

}  // namespace hearsay

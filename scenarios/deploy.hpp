#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include "scenarios/launcher.hpp"
#include "scenarios/node_identity.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// How a scenario is deployed.
struct DeployOptions {
  std::optional<std::filesystem::path> out;  ///< Default: results/runs/<name>-s<seed>.
  int workers = 1;           ///< Threads that compute, per process; 0: one per core.
  int recorder_workers = 1;  ///< Threads that test models, in this process.
  bool portable_kernels = false;
  bool encrypted = true;

  /// Let messages take what they take in the scenario's network, which must be `links`.
  bool emulate_network = false;

  /// Let training and aggregation take no less than in the scenario's compute model, which must
  /// not be `measured`.
  bool emulate_compute = false;
  int restarts = 0;  ///< How often a process that dies is started again, in all.

  /// When peers that wait give up.
  SimTime stall{120'000'000'000};
};

/// Runs the scenario in wall-clock time: starts processes that share the peers, with keys made
/// for this run alone, collects their reports, and leaves the same run directory as a
/// simulation, with `deployment.yaml`, `logs/NAME.log` and, where processes see it, `state/`
/// besides. A process that dies is noted and its peers counted as lost, or it is started again
/// and goes on from what it saved. Setting `stop` ends the run soon.
///
/// Times are wall-clock times since the peers started. The scenario's faults are enforced;
/// its compute model and its network are on request.
/// @throws UserError as run_scenario(), and if the launcher cannot place the processes;
///         std::runtime_error if no process survives.
RunReport deploy_scenario(const Scenario& scenario, const DeployOptions& options,
                          Launcher& launcher, const std::atomic<bool>& stop, RunListener& listener);

/// Where a process that keeps the record leaves it, and with how many threads it tests models.
struct RecordingOptions {
  std::optional<std::filesystem::path> out;  ///< Default: results/runs/<name>-s<seed>.
  int workers = 1;
};

/// The same record, where all processes are started by others: runs the process of a
/// deployment that has no peers. @throws as deploy_scenario().
RunReport record_deployment(const NodeIdentity& identity, const RecordingOptions& recording,
                            const std::atomic<bool>& stop, RunListener& listener);

}  // namespace hearsay

#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "scenarios/deployment.hpp"
#include "scenarios/deployment_record.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// The recording side of one deployment: takes the reports of all processes and leaves the run
/// directory of a simulation. Who starts the processes is not its business.
class DeploymentRun {
 public:
  struct Inputs {
    const Scenario& scenario;  ///< Outlives the run.
    Deployment deployment;
    int self = 0;            ///< The process of the deployment that keeps the record: this one.
    std::string secret_key;  ///< Its key.
    std::optional<std::filesystem::path> out;  ///< Default: results/runs/<name>-s<seed>.
    int workers = 1;                           ///< Threads that test models.
  };

  /// Makes the run directory and begins to listen.
  /// @throws UserError as run_scenario(), and if its address cannot be listened on.
  DeploymentRun(Inputs inputs, RunListener& listener);
  ~DeploymentRun();
  DeploymentRun(const DeploymentRun&) = delete;
  DeploymentRun& operator=(const DeploymentRun&) = delete;

  std::string address() const;  ///< Where processes can reach it.
  const std::filesystem::path& directory() const;

  /// Looks after the processes, several times a second.
  using LookAfter = std::function<void(DeploymentRecord& record)>;

  /// Records until every process has ended or is lost; then waits until `have_left` or for
  /// some seconds, so that all processes hear that their reports have come. Processes that are
  /// not heard within the deployment's rendezvous time are lost. Setting `stop` ends it soon.
  /// @throws std::runtime_error if no process survives.
  RunReport run(const std::atomic<bool>& stop, const LookAfter& look_after,
                const std::function<bool(const DeploymentRecord&)>& have_left);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hearsay

#include "scenarios/deploy.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/error.hpp"
#include "node/base/stopwatch.hpp"
#include "node/net/curve_keys.hpp"
#include "scenarios/deployment_run.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/local_processes.hpp"
#include "scenarios/node_briefing.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr double kFarewellS = 1.0;
constexpr int kSignals = 128;  // Exit codes beyond are this plus the signal.

std::string new_run_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return to_hex(
      chain(chain(0, static_cast<std::uint64_t>(now)), static_cast<std::uint64_t>(getpid())));
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
}

void check(const Scenario& scenario, const DeployOptions& options) {
  if (options.emulate_network && !std::holds_alternative<LinksOptions>(scenario.network)) {
    throw UserError(
        "--emulate-network: needs the network `links`; `shared` and `simgrid` know "
        "when a message arrives only once all others have passed");
  }
  if (options.emulate_compute && std::holds_alternative<MeasuredComputeOptions>(scenario.compute)) {
    throw UserError(
        "--emulate-compute: needs a compute model other than `measured`, such as fixed");
  }
}

/// The processes of one deployment; the last one of the deployment, this process, keeps the
/// record.
class LaunchedDeployment {
 public:
  LaunchedDeployment(const Scenario& scenario, const DeployOptions& options, Launcher& launcher,
                     const std::atomic<bool>& stop, RunListener& listener)
      : options_(options), launcher_(launcher), stop_(stop), listener_(listener) {
    deployment_ = {.scenario = "scenario.yaml",
                   .run = new_run_id(),
                   .encrypted = options.encrypted,
                   .emulate_network = options.emulate_network,
                   .emulate_compute = options.emulate_compute,
                   .portable_kernels = options.portable_kernels,
                   .workers = options.workers,
                   .stall = options.stall,
                   .processes = {}};
    int first_peer = 0;
    for (const LaunchPlace& place : launcher.places(scenario.peers)) {
      add_process(place, first_peer);
      first_peer += place.peers;
    }
    add_process({.name = "recorder", .peers = 0, .reach = launcher.recorder()}, 0);
    scenario_ = resolved_yaml(scenario);
  }

  const Deployment& deployment() const { return deployment_; }
  int recorder() const { return static_cast<int>(deployment_.processes.size()) - 1; }
  const std::string& recorder_key() const { return secret_keys_.back(); }

  void launch(const DeploymentRun& run) {
    deployment_.processes.back().address = run.address();
    directory_ = fs::absolute(run.directory());
    write_text(directory_ / "deployment.yaml", deployment_yaml(deployment_));
    for (const char* const folder : {"logs", "state"}) {
      fs::remove_all(directory_ / folder);
      fs::create_directories(directory_ / folder);
    }
    for (std::size_t i = 0; i + 1 < deployment_.processes.size(); ++i) {
      processes_.start(launch_of(i));
    }
    is_told_of_.resize(processes_.size());
    is_silent_.resize(processes_.size());
  }

  void look_after(DeploymentRecord& record) {
    if (stop_.load() && !std::exchange(was_stopped_, true)) processes_.end_inputs();
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const std::optional<int> code = processes_.exit_code(i);
      if (!code) tell_of_silence(i, record);
      if (!code || record.has_ended(static_cast<int>(i))) continue;
      record.lose(static_cast<int>(i), exit_text(*code));
      if (!is_told_of_[i]) tell_of_death(i, *code, record);
    }
  }

  bool have_left(const DeploymentRecord& record) {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (record.has_ended(static_cast<int>(i)) && !processes_.exit_code(i)) return false;
    }
    return true;
  }

 private:
  // The secret keys never touch a disk.
  void add_process(const LaunchPlace& place, int first_peer) {
    const KeyPair keys = options_.encrypted ? make_key_pair() : KeyPair{};
    deployment_.processes.push_back({.name = place.name,
                                     .key = keys.public_key,
                                     .listen = place.reach.listen,
                                     .address = place.reach.address,
                                     .first_peer = first_peer,
                                     .peers = place.peers});
    secret_keys_.push_back(keys.secret_key);
  }

  Launch launch_of(std::size_t i) {
    const std::string& name = deployment_.processes[i].name;
    return {.name = name,
            .arguments = launcher_.command({.place = i,
                                            .name = name,
                                            .run_directory = directory_,
                                            .encrypted = options_.encrypted}),
            .log = directory_ / "logs" / (name + ".log"),
            .input = briefing_line({.secret_key = secret_keys_[i],
                                    .deployment = deployment_yaml(deployment_),
                                    .scenario = scenario_})};
  }

  // Its machine may be gone, or it may come back.
  void tell_of_silence(std::size_t i, const DeploymentRecord& record) {
    const bool is_silent = record.is_lost(static_cast<int>(i));
    if (is_silent == is_silent_[i]) return;
    is_silent_[i] = is_silent;
    listener_.on_warning(processes_.launch(i).name +
                         (is_silent ? " is silent; going on without it" : " is heard again"));
  }

  void tell_of_death(std::size_t i, int code, DeploymentRecord& record) {
    const Launch& launch = processes_.launch(i);
    const std::string what =
        launch.name + " ended (" + exit_text(code) + "): " + last_line(launch.log);
    is_told_of_[i] = true;
    // What cannot even start does not start the second time; unless somebody killed it.
    const bool was_killed = code > kSignals;
    if (!was_killed && !record.has_started(static_cast<int>(i))) throw std::runtime_error(what);
    listener_.on_warning(what);
    if (restarts_ >= options_.restarts || was_stopped_) return;
    ++restarts_;
    record.expect(static_cast<int>(i));
    processes_.restart(i, launch_of(i));
    is_told_of_[i] = false;
  }

  const DeployOptions& options_;
  Launcher& launcher_;
  const std::atomic<bool>& stop_;
  RunListener& listener_;
  Deployment deployment_;
  std::vector<std::string> secret_keys_;  ///< By process.
  std::string scenario_;                  ///< Text.
  fs::path directory_;
  LocalProcesses processes_;
  std::vector<bool> is_told_of_;  ///< By process: that it has died.
  std::vector<bool> is_silent_;
  int restarts_ = 0;
  bool was_stopped_ = false;
};

}  // namespace

RunReport deploy_scenario(const Scenario& scenario, const DeployOptions& options,
                          Launcher& launcher, const std::atomic<bool>& stop,
                          RunListener& listener) {
  check(scenario, options);
  LaunchedDeployment launched(scenario, options, launcher, stop, listener);
  DeploymentRun run({.scenario = scenario,
                     .deployment = launched.deployment(),
                     .self = launched.recorder(),
                     .secret_key = launched.recorder_key(),
                     .out = options.out,
                     .workers = options.recorder_workers},
                    listener);
  launched.launch(run);
  return run.run(
      stop, [&](DeploymentRecord& record) { launched.look_after(record); },
      [&](const DeploymentRecord& record) { return launched.have_left(record); });
}

RunReport record_deployment(const NodeIdentity& identity, const RecordingOptions& recording,
                            const std::atomic<bool>& stop, RunListener& listener) {
  DeploymentRun run({.scenario = identity.scenario,
                     .deployment = identity.deployment,
                     .self = identity.self,
                     .secret_key = identity.secret_key,
                     .out = recording.out,
                     .workers = recording.workers},
                    listener);
  // Nobody tells when the others have left: some heartbeats later they know that they may.
  std::optional<Stopwatch> since_end;
  return run.run(
      stop, [](DeploymentRecord&) {},
      [&](const DeploymentRecord&) {
        if (!since_end) since_end.emplace();
        return since_end->seconds() > kFarewellS;
      });
}

}  // namespace hearsay

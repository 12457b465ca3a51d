#include "scenarios/deploy.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/error.hpp"
#include "node/base/stopwatch.hpp"
#include "node/net/curve_keys.hpp"
#include "scenarios/deployment_run.hpp"
#include "scenarios/key_store.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/local_processes.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr double kFarewellS = 1.0;
constexpr int kSignals = 128;  // Exit codes beyond are this plus the signal.

/// A folder that its owner alone can enter, removed at the end: secret keys of one run.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string path = (fs::temp_directory_path() / "hearsay-keys-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      throw std::runtime_error(path + ": cannot be made (" + std::strerror(errno) + ")");
    }
    path_ = path;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

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
  if (options.processes > scenario.peers) {
    throw UserError("--processes: " + std::to_string(options.processes) + " for " +
                    std::to_string(scenario.peers) + " peers; at most one per peer");
  }
  if (options.emulate_network && !std::holds_alternative<LinksOptions>(scenario.network)) {
    throw UserError(
        "--emulate-network: needs the network `links`; `shared` and `simgrid` know "
        "when a message arrives only once all others have passed");
  }
}

/// The processes of one deployment on this machine; the last one of the deployment, this
/// process, keeps the record.
class LocalDeployment {
 public:
  LocalDeployment(const Scenario& scenario, const DeployOptions& options,
                  const std::atomic<bool>& stop, RunListener& listener)
      : options_(options), stop_(stop), listener_(listener) {
    deployment_ = {.scenario = "scenario.yaml",
                   .run = new_run_id(),
                   .encrypted = options.encrypted,
                   .emulate_network = options.emulate_network,
                   .portable_kernels = options.portable_kernels,
                   .workers = options.workers,
                   .stall = options.stall,
                   .processes = {}};
    for (int i = 0; i < options.processes; ++i) {
      const std::int64_t peers = scenario.peers;
      const auto first = static_cast<int>(peers * i / options.processes);
      const auto next = static_cast<int>(peers * (i + 1) / options.processes);
      add_process("host-" + std::to_string(i), first, next - first);
    }
    add_process("recorder", 0, 0);
  }

  const Deployment& deployment() const { return deployment_; }

  std::string recorder_key() const {
    return options_.encrypted ? read_secret_key(secret_file("recorder")) : "";
  }

  void launch(const DeploymentRun& run) {
    deployment_.processes.back().address = run.address();
    const fs::path file = run.directory() / "deployment.yaml";
    write_text(file, deployment_yaml(deployment_));
    for (const char* const folder : {"logs", "state"}) {
      fs::remove_all(run.directory() / folder);
      fs::create_directories(run.directory() / folder);
    }
    for (int i = 0; i < options_.processes; ++i) {
      const std::string& name = deployment_.processes[static_cast<std::size_t>(i)].name;
      Launch launch{.name = name,
                    .arguments = {fs::canonical(options_.program).string(), "node", "--deployment",
                                  file.string(), "--host", name, "--state",
                                  (run.directory() / "state").string()},
                    .log = run.directory() / "logs" / (name + ".log")};
      if (options_.encrypted) {
        launch.arguments.insert(launch.arguments.end(), {"--key", secret_file(name).string()});
      } else {
        launch.arguments.emplace_back("--plaintext");
      }
      processes_.start(launch);
    }
    is_told_of_.resize(processes_.size());
  }

  void look_after(DeploymentRecord& record) {
    if (stop_.load() && !std::exchange(was_stopped_, true)) processes_.signal_all(SIGTERM);
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const std::optional<int> code = processes_.exit_code(i);
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
  // The secret keys never touch the run directory.
  void add_process(const std::string& name, int first_peer, int peers) {
    DeployedProcess process{
        .name = name, .key = "", .address = "", .first_peer = first_peer, .peers = peers};
    if (options_.encrypted) {
      const KeyPair keys = make_key_pair();
      process.key = keys.public_key;
      write_secret_key(secret_file(name), keys.secret_key);
    }
    deployment_.processes.push_back(std::move(process));
  }

  fs::path secret_file(const std::string& name) const { return secrets_.path() / (name + ".key"); }

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
    processes_.restart(i);
    is_told_of_[i] = false;
  }

  const DeployOptions& options_;
  const std::atomic<bool>& stop_;
  RunListener& listener_;
  Deployment deployment_;
  PrivateFolder secrets_;
  LocalProcesses processes_;
  std::vector<bool> is_told_of_;
  int restarts_ = 0;
  bool was_stopped_ = false;
};

}  // namespace

RunReport deploy_scenario(const Scenario& scenario, const DeployOptions& options,
                          const std::atomic<bool>& stop, RunListener& listener) {
  check(scenario, options);
  LocalDeployment local(scenario, options, stop, listener);
  DeploymentRun run({.scenario = scenario,
                     .deployment = local.deployment(),
                     .self = options.processes,
                     .secret_key = local.recorder_key(),
                     .out = options.out,
                     .workers = options.workers},
                    listener);
  local.launch(run);
  return run.run(
      stop, [&](DeploymentRecord& record) { local.look_after(record); },
      [&](const DeploymentRecord& record) { return local.have_left(record); });
}

RunReport record_deployment(const NodeOptions& options, const NodeIdentity& identity,
                            const RecordingOptions& recording, const std::atomic<bool>& stop,
                            RunListener& listener) {
  const Scenario scenario =
      load_scenario(options.deployment.parent_path() / identity.deployment.scenario);
  DeploymentRun run({.scenario = scenario,
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

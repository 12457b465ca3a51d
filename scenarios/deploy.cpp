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

#include "node/base/error.hpp"
#include "node/base/process_usage.hpp"
#include "node/base/stopwatch.hpp"
#include "node/net/curve_keys.hpp"
#include "results/run_directory.hpp"
#include "scenarios/deployment.hpp"
#include "scenarios/deployment_record.hpp"
#include "scenarios/experiment.hpp"
#include "scenarios/key_store.hpp"
#include "scenarios/live_recorder.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/local_processes.hpp"
#include "scenarios/provenance.hpp"
#include "scenarios/run_summary.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr SimTime kLongestSleep{100'000'000};

// How long processes may take to end once all is recorded, or they were asked to.
constexpr double kPatienceS = 15.0;

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

bool has_peer_faults(const FaultTimeline& faults, int num_peers) {
  for (PeerId peer = 0; peer < num_peers; ++peer) {
    if (!faults.changes(peer).empty()) return true;
  }
  return false;
}

/// One deployment on its way.
class Deploying {
 public:
  Deploying(const Scenario& scenario, const DeployOptions& options, const std::atomic<bool>& stop,
            RunListener& listener)
      : scenario_(scenario),
        options_(options),
        stop_(stop),
        listener_(listener),
        kernels_(choose_kernels(options.portable_kernels)) {
    if (options.processes > scenario.peers) {
      throw UserError("--processes: " + std::to_string(options.processes) + " for " +
                      std::to_string(scenario.peers) + " peers; at most one per peer");
    }
    apply_kernels(kernels_);
    experiment_.emplace(scenario, kernels_);
    manifest_ = make_manifest(scenario, {.workers = options.workers}, kernels_);
    manifest_.transport = options.encrypted ? "tcp, CURVE" : "tcp, plaintext";
    warn_about_blas(manifest_, listener);
    if (!options.encrypted) {
      listener.on_warning("nothing is encrypted: anybody can read all models and pose as any peer");
    }
    if (has_peer_faults(experiment_->faults(), scenario.peers)) {
      listener.on_warning(
          "a deployment enforces none of the scenario's faults but those that cut links");
    }
  }

  RunReport run() {
    RunDirectory directory = options_.out
                                 ? RunDirectory::at(*options_.out)
                                 : RunDirectory::in_default_place(scenario_.name, scenario_.seed);
    directory.write_scenario(resolved_yaml(scenario_));
    directory.write_manifest(manifest_);
    describe_processes();
    const std::vector<int> homes = process_of_peer(deployment_, scenario_.peers, "deployment");
    LiveRecorder recorder(recorder_endpoint(), bounds(homes));
    deployment_.processes.back().address = recorder.address();
    launch_all(directory.path());

    JobPool pool(experiment_->problem(), options_.workers);
    RunRecord record(experiment_->record_plan(), experiment_->problem(), experiment_->faults(),
                     experiment_->live_graph(), pool, directory, listener_);
    DeploymentRecord deployed(names(), homes, record, directory);
    while (!deployed.is_complete()) {
      for (LiveRecorder::News& news : recorder.take(kLongestSleep)) deployed.apply(std::move(news));
      look_after_processes(deployed);
    }
    dismiss(recorder, deployed);
    return report(deployed, record, directory);
  }

 private:
  void describe_processes() {
    deployment_ = {.scenario = "scenario.yaml",
                   .run = new_run_id(),
                   .encrypted = options_.encrypted,
                   .portable_kernels = options_.portable_kernels,
                   .workers = options_.workers,
                   .stall = options_.stall,
                   .processes = {}};
    const int count = options_.processes;
    for (int i = 0; i < count; ++i) {
      const int first = static_cast<int>(std::int64_t{scenario_.peers} * i / count);
      const int next = static_cast<int>(std::int64_t{scenario_.peers} * (i + 1) / count);
      add_process("host-" + std::to_string(i), first, next - first);
    }
    add_process("recorder", 0, 0);
  }

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

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const DeployedProcess& process : deployment_.processes) names.push_back(process.name);
    return names;
  }

  EndpointOptions recorder_endpoint() const {
    EndpointOptions endpoint =
        endpoint_options(deployment_, options_.processes, manifest_.scenario_digest,
                         experiment_->problem().layout().size() * sizeof(float));
    if (options_.encrypted) endpoint.secret_key = read_secret_key(secret_file("recorder"));
    return endpoint;
  }

  ReportBounds bounds(const std::vector<int>& homes) const {
    const RecordPlan plan = experiment_->record_plan();
    return {.process_of_peer = homes,
            .model_size = experiment_->problem().layout().size(),
            .total_rounds = plan.total_rounds,
            .wants_model = [evaluation = plan.evaluation](int round) {
              return is_evaluated(evaluation, round);
            }};
  }

  void launch_all(const fs::path& directory) {
    const fs::path file = directory / "deployment.yaml";
    write_text(file, deployment_yaml(deployment_));
    for (const char* const folder : {"logs", "state"}) {
      fs::remove_all(directory / folder);
      fs::create_directories(directory / folder);
    }
    for (const std::string& name : names()) {
      if (name == "recorder") continue;
      Launch launch{
          .name = name,
          .arguments = {fs::canonical(options_.program).string(), "node", "--deployment",
                        file.string(), "--host", name, "--state", (directory / "state").string()},
          .log = directory / "logs" / (name + ".log")};
      if (options_.encrypted) {
        launch.arguments.insert(launch.arguments.end(), {"--key", secret_file(name).string()});
      } else {
        launch.arguments.emplace_back("--plaintext");
      }
      processes_.start(launch);
    }
  }

  static void write_text(const fs::path& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file) throw std::runtime_error(path.string() + ": cannot be written");
  }

  void look_after_processes(DeploymentRecord& deployed) {
    if (stop_.load() && !was_stopped_) {
      was_stopped_ = true;
      since_stop_.emplace();
      processes_.signal_all(SIGTERM);
    }
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const auto process = static_cast<int>(i);
      const std::optional<int> code = processes_.exit_code(i);
      const bool is_late = was_stopped_ && since_stop_->seconds() > kPatienceS;
      if (is_late && !code) deployed.lose(process, "does not answer");
      if (!code || deployed.has_ended(process)) continue;
      deployed.lose(process, exit_text(*code));
      if (is_told_of_[i]) continue;
      is_told_of_[i] = true;
      tell_of_death(i, *code, deployed);
    }
  }

  void tell_of_death(std::size_t i, int code, DeploymentRecord& deployed) {
    const Launch& launch = processes_.launch(i);
    const std::string what =
        launch.name + " ended (" + exit_text(code) + "): " + last_line(launch.log);
    // What cannot even start does not start the second time.
    if (!deployed.has_started(static_cast<int>(i))) throw std::runtime_error(what);
    listener_.on_warning(what);
    if (restarts_ >= options_.restarts || was_stopped_) return;
    ++restarts_;
    deployed.expect(static_cast<int>(i));
    processes_.restart(i);
    is_told_of_[i] = false;
  }

  // All is recorded: the processes may end. Those that were lost are killed.
  void dismiss(LiveRecorder& recorder, const DeploymentRecord& deployed) {
    recorder.set_done();
    const Stopwatch waited;
    const auto all_have_left = [&] {
      for (std::size_t i = 0; i < processes_.size(); ++i) {
        if (deployed.has_ended(static_cast<int>(i)) && !processes_.exit_code(i)) return false;
      }
      return true;
    };
    while (!all_have_left() && waited.seconds() < kPatienceS) recorder.take(kLongestSleep);
  }

  RunReport report(DeploymentRecord& deployed, RunRecord& record, RunDirectory& directory) {
    const SimulationOutcome outcome = deployed.outcome(was_stopped_);
    if (outcome.live_peers == 0) throw std::runtime_error("all processes were lost; see logs/");
    record.finish(outcome);
    Summary summary = summarize(outcome, {}, wall_.seconds());
    record.fill(summary);
    summary.wall_seconds = wall_.seconds();
    summary.cpu_seconds = process_cpu_seconds() + deployed.cpu_seconds();
    summary.peak_rss_bytes = std::max(process_peak_rss_bytes(), deployed.peak_rss_bytes());
    manifest_.end = utc_now();
    directory.write_summary(summary);
    directory.write_manifest(manifest_);
    return {.summary = std::move(summary),
            .rows = record.rows(),
            .waits = wait_graph_text(record.waits(outcome)),
            .directory = directory.path()};
  }

  const Scenario& scenario_;
  const DeployOptions& options_;
  const std::atomic<bool>& stop_;
  RunListener& listener_;
  Stopwatch wall_;
  KernelSet kernels_;
  std::optional<Experiment> experiment_;
  Manifest manifest_;
  Deployment deployment_;
  PrivateFolder secrets_;
  LocalProcesses processes_;
  std::vector<bool> is_told_of_ = std::vector<bool>(static_cast<std::size_t>(options_.processes));
  int restarts_ = 0;
  bool was_stopped_ = false;
  std::optional<Stopwatch> since_stop_;
};

}  // namespace

RunReport deploy_scenario(const Scenario& scenario, const DeployOptions& options,
                          const std::atomic<bool>& stop, RunListener& listener) {
  return Deploying(scenario, options, stop, listener).run();
}

}  // namespace hearsay

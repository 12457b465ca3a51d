#include "scenarios/live_node.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "node/base/error.hpp"
#include "results/checkpoint_file.hpp"
#include "results/number_text.hpp"
#include "scenarios/experiment.hpp"
#include "scenarios/key_store.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/node_briefing.hpp"
#include "scenarios/provenance.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

/// A process's own checkpoint: the newest state of its peers, replaced as a whole.
class StateFile {
 public:
  StateFile(fs::path path, CheckpointIdentity identity)
      : path_(std::move(path)), identity_(std::move(identity)) {}

  /// What was saved last; nothing if there is none, or it is of another run.
  std::optional<Snapshot> load(const NodeLog& log) const {
    if (!fs::exists(path_)) return std::nullopt;
    try {
      Checkpoint checkpoint = read_checkpoint_file(path_);
      if (checkpoint.identity == identity_) return std::move(checkpoint.snapshot);
      log("refused " + path_.string() + ": of another scenario, run, build or kernel set");
    } catch (const std::runtime_error& error) {
      log("refused " + path_.string() + ": " + error.what());
    }
    return std::nullopt;
  }

  void save(Snapshot snapshot) {
    const fs::path part = path_.string() + ".part";
    write_checkpoint_file(
        part, {.identity = identity_, .ordinal = ++ordinal_, .snapshot = std::move(snapshot)});
    fs::rename(part, path_);
  }

 private:
  fs::path path_;
  CheckpointIdentity identity_;
  std::uint64_t ordinal_ = 0;
};

/// The list of revoked keys in a file that may change.
class RevokedKeys {
 public:
  explicit RevokedKeys(fs::path path) : path_(std::move(path)) {}

  /// The list, if it is not the one that was given before.
  std::optional<std::set<std::string>> news() {
    std::error_code missing;
    const auto changed = fs::last_write_time(path_, missing);
    if (path_.empty() || missing || changed == changed_) return std::nullopt;
    changed_ = changed;
    return read_revoked_keys(path_);
  }

 private:
  fs::path path_;
  fs::file_time_type changed_{};
};

std::string end_text(LiveEnd end) {
  switch (end) {
    case LiveEnd::kDone:
      return "done";
    case LiveEnd::kStopped:
      return "stopped";
    case LiveEnd::kStalled:
      return "stalled: peers wait for others that are not heard";
  }
  return "";
}

std::string refusals_text(const RefusalCounts& counts) {
  std::string text;
  for (std::size_t i = 0; i < kRefusals; ++i) {
    const auto reason = static_cast<Refusal>(i);
    if (counts.of(reason) == 0) continue;
    text.append(text.empty() ? "" : ", ").append(name_of(reason)).append(" ");
    text.append(std::to_string(counts.of(reason)));
  }
  return text.empty() ? "nothing" : text;
}

std::string overruns_text(const Overruns& overruns) {
  std::string text = "work that took longer than the compute model says: ";
  text.append(std::to_string(overruns.count));
  if (overruns.count > 0)
    text.append(", by at most ").append(duration_text(overruns.longest.seconds()));
  return text;
}

/// One process on its way.
class Node {
 public:
  Node(const NodeOptions& options, NodeIdentity identity, const std::atomic<bool>& stop,
       const NodeLog& log)
      : options_(options),
        log_(log),
        identity_(std::move(identity)),
        deployment_(identity_.deployment),
        self_(identity_.self),
        scenario_(identity_.scenario),
        told_to_stop_(stop),
        kernels_(choose_kernels(deployment_.portable_kernels)),
        revoked_(options.revoked) {
    apply_kernels(kernels_);
    experiment_.emplace(scenario_, kernels_);
    // The calling thread serves the network.
    pool_.emplace(experiment_->problem(), workers() + 1);
    world_.emplace(experiment_->make_world(SimTime{}, *pool_, stop_));
  }

  LiveEnd run() {
    std::optional<StateFile> state = state_file();
    EndpointOptions endpoint =
        endpoint_options(deployment_, self_, scenario_digest(scenario_),
                         experiment_->problem().layout().size() * sizeof(float));
    endpoint.secret_key = identity_.secret_key;
    LiveHost host(*world_, endpoint, plan(state));
    log_(identity_.process().name + " (process " + std::to_string(getpid()) + ") listens on " +
         host.address());
    if (state) {
      if (const std::optional<Snapshot> saved = state->load(log_)) {
        host.restore(*saved);
        log_("goes on from " + options_.state.string());
      }
    }
    const LiveEnd end = host.run([&] {
      // The first end of input is the last: nothing more can be read then.
      stop_ = stop_ || told_to_stop_ || (options_.is_briefed() && has_hung_up(STDIN_FILENO));
      const auto keys = revoked_.news();
      if (!keys) return;
      host.revoke(*keys);
      log_(std::to_string(keys->size()) + " keys are revoked");
    });
    if (deployment_.emulate_compute) log_(overruns_text(host.overruns()));
    log_(end_text(end) + "; refused: " + refusals_text(host.refused()));
    return end;
  }

 private:
  int workers() const {
    if (deployment_.workers > 0) return deployment_.workers;
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }

  std::optional<StateFile> state_file() const {
    if (options_.state.empty()) return std::nullopt;
    fs::create_directories(options_.state);
    const CheckpointIdentity identity{.scenario_digest = scenario_digest(scenario_),
                                      .kernels = kernels_.fused_isa,
                                      .build = version_text(),
                                      .inputs = deployment_.run};
    return StateFile(options_.state / (identity_.process().name + ".ckpt"), identity);
  }

  bool emulates_network() const {
    if (!deployment_.emulate_network) return false;
    if (std::holds_alternative<LinksOptions>(scenario_.network)) return true;
    throw UserError(options_.deployment.string() +
                    ": emulate_network: the scenario's network is not `links`");
  }

  bool emulates_compute() const {
    if (!deployment_.emulate_compute) return false;
    if (!experiment_->measures_steps()) return true;
    throw UserError(options_.deployment.string() +
                    ": emulate_compute: the scenario's compute model is `measured`");
  }

  LivePlan plan(std::optional<StateFile>& state) const {
    const std::string place = options_.deployment.string();
    LivePlan plan{.process_of_peer = process_of_peer(deployment_, scenario_.peers, place),
                  .recorder = recorder_of(deployment_),
                  .wants_model = [plan = experiment_->record_plan().evaluation](
                                     int round) { return is_evaluated(plan, round); },
                  .sampling = experiment_->sampling_plan(),
                  .emulate_network = emulates_network(),
                  .emulate_compute = emulates_compute(),
                  .rendezvous = deployment_.rendezvous,
                  .stall = deployment_.stall,
                  .save = {}};
    if (state) {
      plan.save_every = deployment_.save_every;
      plan.save = [&state](Snapshot snapshot) { state->save(std::move(snapshot)); };
    }
    return plan;
  }

  const NodeOptions& options_;
  const NodeLog& log_;
  NodeIdentity identity_;
  const Deployment& deployment_;
  int self_;
  const Scenario& scenario_;
  const std::atomic<bool>& told_to_stop_;
  std::atomic<bool> stop_{false};
  KernelSet kernels_;
  RevokedKeys revoked_;
  std::optional<Experiment> experiment_;
  std::optional<JobPool> pool_;
  std::optional<SimulationWorld> world_;
};

}  // namespace

LiveEnd run_node(const NodeOptions& options, NodeIdentity identity, const std::atomic<bool>& stop,
                 const NodeLog& log) {
  return Node(options, std::move(identity), stop, log).run();
}

}  // namespace hearsay

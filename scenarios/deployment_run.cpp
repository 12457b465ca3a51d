#include "scenarios/deployment_run.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "node/base/process_usage.hpp"
#include "node/base/stopwatch.hpp"
#include "results/run_directory.hpp"
#include "scenarios/experiment.hpp"
#include "scenarios/live_recorder.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/provenance.hpp"
#include "scenarios/run_summary.hpp"

namespace hearsay {
namespace {

constexpr SimTime kLongestSleep{100'000'000};

// How long processes may take to end once all is recorded, or this one was asked to stop.
constexpr double kPatienceS = 15.0;

}  // namespace

class DeploymentRun::Impl {
 public:
  Impl(Inputs inputs, RunListener& listener)
      : inputs_(std::move(inputs)),
        listener_(listener),
        kernels_(choose_kernels(inputs_.deployment.portable_kernels)) {
    apply_kernels(kernels_);
    experiment_.emplace(inputs_.scenario, kernels_);
    manifest_ = make_manifest(inputs_.scenario, {.workers = inputs_.deployment.workers}, kernels_);
    manifest_.transport = inputs_.deployment.encrypted ? "tcp, CURVE" : "tcp, plaintext";
    warn_about_blas(manifest_, listener);
    if (!inputs_.deployment.encrypted) {
      listener.on_warning("nothing is encrypted: anybody can read all models and pose as any peer");
    }
    const std::vector<int> homes =
        process_of_peer(inputs_.deployment, inputs_.scenario.peers, "deployment");
    directory_.emplace(
        inputs_.out ? RunDirectory::at(*inputs_.out)
                    : RunDirectory::in_default_place(inputs_.scenario.name, inputs_.scenario.seed));
    directory_->write_scenario(resolved_yaml(inputs_.scenario));
    directory_->write_manifest(manifest_);
    pool_.emplace(experiment_->problem(), inputs_.workers);
    record_.emplace(experiment_->record_plan(), experiment_->problem(), experiment_->faults(),
                    experiment_->live_graph(), *pool_, *directory_, listener_);
    deployed_.emplace(names(), homes, present_at_start(), *record_, *directory_);
    recorder_.emplace(endpoint(), bounds(homes));
  }

  std::string address() const { return recorder_->address(); }
  const std::filesystem::path& directory() const { return directory_->path(); }

  RunReport run(const std::atomic<bool>& stop, const LookAfter& look_after,
                const std::function<bool(const DeploymentRecord&)>& have_left) {
    std::optional<Stopwatch> since_stop;
    while (!deployed_->is_complete()) {
      for (LiveRecorder::News& news : recorder_->take(kLongestSleep)) {
        deployed_->apply(std::move(news));
      }
      if (stop.load() && !since_stop) since_stop.emplace();
      deployed_->settle(since_stop.has_value());
      look_after(*deployed_);
      if (wall_.seconds() > inputs_.deployment.rendezvous.seconds() + kPatienceS) {
        lose_all("never heard", [this](int process) { return !deployed_->has_started(process); });
      }
      if (since_stop && since_stop->seconds() > kPatienceS) {
        lose_all("does not answer", [](int) { return true; });
      }
    }
    recorder_->set_done();
    const Stopwatch waited;
    while (!have_left(*deployed_) && waited.seconds() < kPatienceS) recorder_->take(kLongestSleep);
    return report(since_stop.has_value());
  }

 private:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const DeployedProcess& process : inputs_.deployment.processes) {
      names.push_back(process.name);
    }
    return names;
  }

  std::vector<bool> present_at_start() const {
    std::vector<bool> present;
    for (PeerId peer = 0; peer < inputs_.scenario.peers; ++peer) {
      present.push_back(experiment_->faults().is_present_at_start(peer));
    }
    return present;
  }

  EndpointOptions endpoint() const {
    EndpointOptions endpoint =
        endpoint_options(inputs_.deployment, inputs_.self, manifest_.scenario_digest,
                         experiment_->problem().layout().size() * sizeof(float));
    endpoint.secret_key = inputs_.secret_key;
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

  template <class Which>
  void lose_all(const std::string& why, Which which) {
    for (int process = 0; process < std::ssize(inputs_.deployment.processes); ++process) {
      const bool is_host =
          inputs_.deployment.processes[static_cast<std::size_t>(process)].peers > 0;
      if (is_host && which(process)) deployed_->lose(process, why);
    }
  }

  RunReport report(bool was_stopped) {
    const SimulationOutcome outcome = deployed_->outcome(was_stopped);
    if (outcome.live_peers == 0) throw std::runtime_error("no process came to its end");
    record_->finish(outcome);
    Summary summary = summarize(outcome, {}, experiment_->adversaries(), wall_.seconds());
    record_->fill(summary);
    summary.is_live = true;
    summary.wall_seconds = wall_.seconds();
    summary.cpu_seconds = process_cpu_seconds() + deployed_->cpu_seconds();
    summary.peak_rss_bytes = std::max(process_peak_rss_bytes(), deployed_->peak_rss_bytes());
    manifest_.end = utc_now();
    directory_->write_summary(summary);
    directory_->write_manifest(manifest_);
    return {.summary = std::move(summary),
            .rows = record_->rows(),
            .waits = wait_graph_text(record_->waits(outcome)),
            .directory = directory_->path()};
  }

  Inputs inputs_;
  RunListener& listener_;
  Stopwatch wall_;
  KernelSet kernels_;
  std::optional<Experiment> experiment_;
  Manifest manifest_;
  std::optional<RunDirectory> directory_;
  std::optional<JobPool> pool_;
  std::optional<RunRecord> record_;
  std::optional<DeploymentRecord> deployed_;
  std::optional<LiveRecorder> recorder_;
};

DeploymentRun::DeploymentRun(Inputs inputs, RunListener& listener)
    : impl_(std::make_unique<Impl>(std::move(inputs), listener)) {}

DeploymentRun::~DeploymentRun() = default;

std::string DeploymentRun::address() const { return impl_->address(); }

const std::filesystem::path& DeploymentRun::directory() const { return impl_->directory(); }

RunReport DeploymentRun::run(const std::atomic<bool>& stop, const LookAfter& look_after,
                             const std::function<bool(const DeploymentRecord&)>& have_left) {
  return impl_->run(stop, look_after, have_left);
}

}  // namespace hearsay

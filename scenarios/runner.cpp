#include "scenarios/runner.hpp"

#include <utility>

#include "node/base/error.hpp"
#include "node/base/process_usage.hpp"
#include "node/base/stopwatch.hpp"
#include "results/checkpoint_store.hpp"
#include "results/finished_run.hpp"
#include "results/run_directory.hpp"
#include "scenarios/experiment.hpp"
#include "scenarios/input_files.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/provenance.hpp"
#include "scenarios/run_record.hpp"
#include "scenarios/run_summary.hpp"

namespace hearsay {
namespace {

std::string kernels_text(const Manifest& manifest) {
  std::string text;
  for (const auto& [library, kernels] : manifest.kernels) {
    text.append(text.empty() ? "" : ", ").append(library).append(" ").append(kernels);
  }
  return text;
}

/// What a run's snapshot begins with.
GrowingSizes sizes_in(const Snapshot& snapshot) {
  LoadingArchive archive(snapshot);
  GrowingSizes sizes;
  archive(sizes);
  return sizes;
}

/// One scenario on its way through one process.
class Execution {
 public:
  Execution(const Scenario& scenario, const RunOptions& options, const std::atomic<bool>& stop,
            RunListener& listener)
      : scenario_(scenario),
        options_(options),
        stop_(stop),
        listener_(listener),
        kernels_(choose_kernels(options.portable_kernels)) {
    apply_kernels(kernels_);
    experiment_.emplace(scenario, kernels_, options.load_data);
    manifest_ = make_manifest(scenario, options, kernels_);
    warn_about_blas(manifest_, listener);
  }

  /// Where this run's checkpoints lie.
  CheckpointStore store_in(const std::filesystem::path& directory) const {
    return {directory / RunDirectory::kCheckpoints,
            {.scenario_digest = manifest_.scenario_digest,
             .kernels = kernels_text(manifest_),
             .build = version_text(),
             .inputs = input_files_text(scenario_)}};
  }

  RunReport begin(RunDirectory directory) {
    directory.write_scenario(resolved_yaml(scenario_));
    directory.write_manifest(manifest_);
    CheckpointStore store = store_in(directory.path());
    return go(directory, store, experiment_->measure_steps(), 0, nullptr);
  }

  RunReport go_on(const std::filesystem::path& path, CheckpointStore& store,
                  const LoadedCheckpoint& checkpoint) {
    LoadingArchive archive(checkpoint.snapshot);
    GrowingSizes sizes;
    SimTime step_time;
    archive(sizes, step_time);
    RunDirectory directory = RunDirectory::resume(path, sizes);
    store.remove_refused();
    return go(directory, store, step_time, checkpoint.ordinal, &archive);
  }

 private:
  RunReport go(RunDirectory& directory, CheckpointStore& store, SimTime step_time,
               std::uint64_t ordinal, LoadingArchive* saved) {
    listener_.on_begun(directory.path());
    JobPool pool(experiment_->problem(), options_.workers);
    RunRecord record(experiment_->record_plan(), experiment_->problem(), experiment_->faults(),
                     experiment_->live_graph(), pool, directory, listener_);
    Simulation simulation(experiment_->make_world(step_time, pool, stop_), layout(), record,
                          experiment_->sampling_plan());
    if (saved != nullptr) {
      record.persist(*saved);
      simulation.persist(*saved);
      saved->finish();
    }
    const auto save = [&] {
      SavingArchive archive;
      GrowingSizes sizes = directory.sizes();
      archive(sizes, step_time);
      record.persist(archive);
      simulation.persist(archive);
      store.write(archive.take(), ++ordinal, directory.growing_files());
    };
    const SimulationProgress before = simulation.progress();
    const Stopwatch simulation_wall;
    const SimTime every = scenario_.checkpoint.every;
    const SimulationOutcome outcome =
        simulation.run({.every = every > SimTime{} ? every : SimTime::max(), .on_pause = save});
    const bool is_interrupted = outcome.status == SimulationOutcome::Status::kInterrupted;
    if (is_interrupted && can_be_saved(scenario_.network)) save();
    store.finish();
    record.finish(outcome);
    return report(
        outcome, record, directory,
        summarize(outcome, before, experiment_->adversaries(), simulation_wall.seconds()));
  }

  SimulationLayout layout() {
    return {.transport = options_.transport,
            .identity = {.run = digest_text(scenario_.name, scenario_.seed),
                         .scenario_digest = manifest_.scenario_digest},
            .loops = experiment_->adversaries().act_on_messages()
                         ? 1
                         : suggested_loops(experiment_->problem(), experiment_->network(),
                                           scenario_.peers, options_.workers)};
  }

  RunReport report(const SimulationOutcome& outcome, const RunRecord& record,
                   RunDirectory& directory, Summary summary) {
    record.fill(summary);
    summary.wall_seconds = wall_.seconds();
    summary.cpu_seconds = process_cpu_seconds();
    summary.peak_rss_bytes = process_peak_rss_bytes();
    manifest_.end = utc_now();
    directory.write_summary(summary);
    directory.write_manifest(manifest_);
    return {.summary = std::move(summary),
            .rows = record.rows(),
            .waits = wait_graph_text(record.waits(outcome)),
            .is_resumable = outcome.status == SimulationOutcome::Status::kInterrupted &&
                            can_be_saved(scenario_.network),
            .directory = directory.path()};
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  const std::atomic<bool>& stop_;
  RunListener& listener_;
  Stopwatch wall_;
  KernelSet kernels_;
  std::optional<Experiment> experiment_;
  Manifest manifest_;
};

}  // namespace

RunReport run_scenario(const Scenario& scenario, const RunOptions& options,
                       const std::atomic<bool>& stop, RunListener& listener) {
  Execution execution(scenario, options, stop, listener);
  return execution.begin(options.out
                             ? RunDirectory::at(*options.out)
                             : RunDirectory::in_default_place(scenario.name, scenario.seed));
}

RunReport resume_run(const std::filesystem::path& path, const RunOptions& options,
                     const std::atomic<bool>& stop, RunListener& listener) {
  if (!std::filesystem::exists(path / "manifest.json")) {
    throw UserError(path.string() + ": no run is there (no manifest.json)");
  }
  const std::optional<std::string> end = status_of_run(path);
  if (end && *end != "interrupted") {
    throw UserError(path.string() + ": the run has ended (" + *end + "); nothing to resume");
  }
  const Scenario scenario = load_scenario(path / "scenario.yaml");
  Execution execution(scenario, options, stop, listener);
  CheckpointStore store = execution.store_in(path);
  const CheckpointSearch search = store.load_newest(
      [&](const Snapshot& snapshot) { return RunDirectory::shortfall(path, sizes_in(snapshot)); });
  for (const std::string& line : search.refused) listener.on_warning("refused " + line);
  if (search.found) return execution.go_on(path, store, *search.found);
  listener.on_warning("no checkpoint in " + path.string() + "; the run begins again");
  return execution.begin(RunDirectory::at(path));
}

}  // namespace hearsay

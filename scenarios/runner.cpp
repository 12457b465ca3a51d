#include "scenarios/runner.hpp"

#include <utility>

#include "node/base/stopwatch.hpp"
#include "node/learning/problem_factory.hpp"
#include "results/run_directory.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/provenance.hpp"
#include "scenarios/run_record.hpp"

namespace hearsay {
namespace {

/// What a scenario describes, built.
struct World {
  explicit World(const Scenario& scenario)
      : graph(make_chosen(scenario.topology, scenario.peers,
                          Rng(scenario.seeds.graph).split("topology"))),
        mixing(make_chosen(scenario.mixing, graph)),
        aggregator(make_chosen(scenario.aggregator)),
        codec(make_chosen(scenario.codec)) {}

  Graph graph;
  MixingMatrix mixing;
  std::unique_ptr<Aggregator> aggregator;
  std::unique_ptr<Codec> codec;
};

std::unique_ptr<LearningProblem> make_problem_of(const Scenario& scenario,
                                                 const KernelSet& kernels) {
  const Rng data_rng(scenario.seeds.data);
  LearningInputs inputs{.model = scenario.model,
                        .training = scenario.training,
                        .num_peers = scenario.peers,
                        .data = load_data(scenario.data.source, data_rng.split("source")),
                        .test_samples = scenario.evaluation.samples,
                        .local_test = scenario.evaluation.local,
                        .init_rng = Rng(scenario.seeds.init).split("learning"),
                        .training_rng = Rng(scenario.seeds.training).split("learning"),
                        .kernels = kernels};
  if (inputs.data.train != nullptr) {
    Partition partition = std::visit(
        [&](const auto& chosen) {
          return make_partition(chosen, inputs.data.train->labels, scenario.peers,
                                data_rng.split("partition"));
        },
        scenario.data.partition);
    HeldOut held_out =
        hold_out(std::move(partition), scenario.data.validation, data_rng.split("validation"));
    inputs.train = std::move(held_out.train);
    inputs.validation = std::move(held_out.validation);
  }
  return make_problem(std::move(inputs));
}

int rounds_of(const Scenario& scenario) {
  return std::visit([](const auto& protocol) { return protocol.rounds; }, scenario.protocol);
}

EvaluationPlan make_plan(const Scenario& scenario, const Graph& graph) {
  const EvaluationOptions& evaluation = scenario.evaluation;
  return {
      .num_peers = scenario.peers,
      .every_rounds = evaluation.every_rounds,
      .last_round = rounds_of(scenario),
      .peers = select(evaluation.peers, graph, Rng(scenario.seeds.data).split("evaluation peers")),
      .before_mixing = evaluation.before_mixing,
      .mean_model = evaluation.mean_model,
      .local = evaluation.local,
      .validation = scenario.data.validation.value > 0.0};
}

std::vector<std::unique_ptr<Protocol>> make_protocols(const Scenario& scenario,
                                                      const World& world) {
  std::vector<std::unique_ptr<Protocol>> protocols;
  protocols.reserve(static_cast<std::size_t>(scenario.peers));
  for (PeerId peer = 0; peer < scenario.peers; ++peer) {
    protocols.push_back(
        make_chosen(scenario.protocol, {.self = peer,
                                        .neighbors = world.graph.neighbors(peer),
                                        .weights = world.mixing.neighbor_weights(peer),
                                        .self_weight = world.mixing.self_weight(peer),
                                        .keep_previous = world.aggregator->needs_previous()}));
  }
  return protocols;
}

RunStatus status_of(SimulationOutcome::Status status) {
  switch (status) {
    case SimulationOutcome::Status::kDone:
      return RunStatus::kDone;
    case SimulationOutcome::Status::kInterrupted:
      return RunStatus::kInterrupted;
    case SimulationOutcome::Status::kStalled:
      return RunStatus::kStalled;
  }
  return RunStatus::kDone;
}

Summary summarize(const SimulationOutcome& outcome, double simulation_seconds) {
  return {
      .status = status_of(outcome.status),
      .training_seconds = outcome.training_seconds.value_or(kMissing),
      .aggregation_seconds = outcome.aggregation_seconds.value_or(kMissing),
      .train_samples = outcome.totals.samples,
      .train_samples_per_second = static_cast<double>(outcome.totals.samples) / simulation_seconds,
      .events = outcome.events,
      .events_per_second = static_cast<double>(outcome.events) / simulation_seconds,
      .messages = outcome.totals.messages_sent,
      .messages_dropped = outcome.totals.messages_lost,
      .messages_refused = outcome.messages_refused,
      .bytes_sent = outcome.totals.bytes_sent,
      .model_digest = outcome.model_digest,
      .event_digest = outcome.event_digest};
}

void warn_about_blas(const Manifest& manifest, RunListener& listener) {
  if (manifest.versions.at("blas") != "reference BLAS") return;
  listener.on_warning(
      "LibTorch uses the reference BLAS, many times slower than OpenBLAS; "
      "install libopenblas0-openmp");
}

}  // namespace

RunReport run_scenario(const Scenario& scenario, const RunOptions& options,
                       const std::atomic<bool>& stop, RunListener& listener) {
  const Stopwatch wall;
  const KernelSet kernels = choose_kernels(options.portable_kernels);
  apply_kernels(kernels);
  const World world(scenario);
  const std::unique_ptr<LearningProblem> problem = make_problem_of(scenario, kernels);
  Manifest manifest = make_manifest(scenario, options, kernels);
  warn_about_blas(manifest, listener);

  RunDirectory directory = options.out
                               ? RunDirectory::at(*options.out)
                               : RunDirectory::in_default_place(scenario.name, scenario.seed);
  directory.write_manifest(manifest);
  directory.write_scenario(resolved_yaml(scenario));

  JobPool pool(*problem, options.workers);
  RunRecord record(make_plan(scenario, world.graph), rounds_of(scenario),
                   scenario.evaluation.targets, *problem, pool, directory, listener);
  const Rng fault_rng(scenario.seeds.fault);
  const NetworkModel network(scenario.network, scenario.peers, fault_rng.split("network"));
  const SimulationLayout layout{
      .transport = options.transport,
      .identity = {.run = digest_text(scenario.name, scenario.seed),
                   .scenario_digest = manifest.scenario_digest},
      .loops = suggested_loops(*problem, network, scenario.peers, options.workers)};
  Simulation simulation(
      {.problem = *problem,
       .aggregator = *world.aggregator,
       .codec = *world.codec,
       .codec_number = static_cast<std::uint32_t>(scenario.codec.index()),
       .compute = ComputeModel(scenario.compute, scenario.peers, fault_rng.split("compute")),
       .network = network,
       .pool = pool,
       .aggregation_rng = Rng(scenario.seeds.training).split("aggregation"),
       .keep_trained = scenario.evaluation.before_mixing,
       .stop = stop},
      layout, make_protocols(scenario, world), record);

  const Stopwatch simulation_wall;
  const SimulationOutcome outcome = simulation.run();
  record.finish(outcome);
  RunReport report{.summary = summarize(outcome, simulation_wall.seconds()),
                   .rows = record.rows(),
                   .waiting = outcome.waiting,
                   .directory = directory.path()};
  record.fill(report.summary);
  report.summary.wall_seconds = wall.seconds();
  report.summary.cpu_seconds = process_cpu_seconds();
  report.summary.peak_rss_bytes = process_peak_rss_bytes();
  manifest.end = utc_now();
  directory.write_summary(report.summary);
  directory.write_manifest(manifest);
  return report;
}

}  // namespace hearsay

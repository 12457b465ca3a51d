#include "scenarios/experiment.hpp"

#include <algorithm>
#include <utility>

#include "node/base/error.hpp"
#include "node/data/class_split.hpp"
#include "node/learning/problem_factory.hpp"
#include "node/learning/step_timing.hpp"
#include "scenarios/fault_plan.hpp"
#include "topologies/stationary.hpp"

namespace hearsay {
namespace {

std::vector<PeerId> holders_of(const Scenario& scenario, const Graph& graph, const Rng& rng) {
  return select(scenario.data.holders, {.graph = graph, .rng = rng.split("holders")});
}

Adversaries make_adversaries_of(const Scenario& scenario, const MixingMatrix& mixing) {
  const std::vector<PeerId> holders =
      holders_of(scenario, mixing.graph(), Rng(scenario.seeds.data));
  return make_adversaries(scenario.adversaries, mixing,
                          {.graph = mixing.graph(),
                           .rng = Rng(scenario.seeds.attack).split("adversaries"),
                           .train_samples = [&holders](PeerId peer) -> std::int64_t {
                             return std::ranges::binary_search(holders, peer) ? 1 : 0;
                           }});
}

/// `held_out` gets the number of each peer's held-out samples, if there is data.
std::unique_ptr<LearningProblem> make_problem_of(const Scenario& scenario,
                                                 const MixingMatrix& mixing,
                                                 const Adversaries& adversaries,
                                                 const KernelSet& kernels,
                                                 const DataLoader& load_data,
                                                 std::vector<std::int64_t>& held_out_samples) {
  const Rng data_rng(scenario.seeds.data);
  LearningInputs inputs{.model = scenario.model,
                        .training = scenario.training,
                        .num_peers = scenario.peers,
                        .data = load_data(scenario.data.source, data_rng.split("source")),
                        .general = {},
                        .test_samples = scenario.evaluation.samples,
                        .local_test = scenario.evaluation.local,
                        .init_gain = scenario.model.gain_correction ? initial_gain(mixing) : 1.0,
                        .init_rng = Rng(scenario.seeds.init).split("learning"),
                        .training_rng = Rng(scenario.seeds.training).split("learning"),
                        .kernels = kernels};
  if (const auto& pretraining = scenario.model.pretraining) {
    ClassSplit split = split_classes(inputs.data, pretraining->classes);
    inputs.general = std::move(split.chosen);
    inputs.data = std::move(split.rest);
  }
  if (inputs.data.train != nullptr) {
    Partition partition =
        make_chosen(scenario.data.partition, inputs.data.train->labels, scenario.peers,
                    holders_of(scenario, mixing.graph(), data_rng), data_rng.split("partition"));
    HeldOut held_out =
        hold_out(std::move(partition), scenario.data.validation, data_rng.split("validation"));
    inputs.data.train = poisoned(inputs.data.train, held_out.train, scenario.adversaries,
                                 adversaries, Rng(scenario.seeds.attack).split("adversaries"));
    for (const auto& samples : held_out.validation) {
      held_out_samples.push_back(std::ssize(samples));
    }
    inputs.train = std::move(held_out.train);
    inputs.validation = std::move(held_out.validation);
  }
  return make_problem(std::move(inputs));
}

// Who speaks to whom: what the protocol lays over the graph, or a topology that varies in time,
// if the protocol follows it.
std::unique_ptr<LinkSchedule> make_links_of(const Scenario& scenario, const Graph& graph) {
  std::unique_ptr<LinkSchedule> links = chosen_links(scenario.protocol, graph);
  if (links || !uses_schedule(scenario.protocol)) return links;
  return chosen_schedule(scenario.topology, scenario.peers,
                         Rng(scenario.seeds.graph).split("topology"));
}

std::unique_ptr<ComputeModel> make_compute_of(const Scenario& scenario, SimTime step_time) {
  return make_compute(scenario.compute, scenario.peers, Rng(scenario.seeds.fault).split("compute"),
                      step_time);
}

int rounds_of(const Scenario& scenario) {
  return std::visit([](const auto& protocol) { return protocol.rounds; }, scenario.protocol);
}

}  // namespace

Graph graph_of(const Scenario& scenario) {
  return make_chosen(scenario.topology, scenario.peers,
                     Rng(scenario.seeds.graph).split("topology"));
}

Experiment::Experiment(const Scenario& scenario, const KernelSet& kernels,
                       const DataLoader& load_data)
    : scenario_(scenario),
      graph_(graph_of(scenario)),
      schedule_(make_links_of(scenario, graph_)),
      mixing_(make_chosen(scenario.mixing, graph_)),
      aggregator_(make_chosen(scenario.aggregator)),
      codec_(make_chosen(scenario.codec)),
      adversaries_(make_adversaries_of(scenario, mixing_)),
      problem_(make_problem_of(scenario, mixing_, adversaries_, kernels, load_data, held_out_)),
      curvature_(problem_->traits().curvature),
      faults_(make_timeline(
          scenario.faults,
          {.graph = graph_,
           .rng = Rng(scenario.seeds.fault).split("faults"),
           .train_samples = [this](PeerId peer) { return problem_->train_samples(peer); }})),
      live_(graph_, faults_),
      network_(make_network(scenario.network, scenario.peers,
                            Rng(scenario.seeds.fault).split("network"))) {
  if (const auto wrong = chosen_unfit(scenario.protocol, graph_)) {
    throw UserError("topology: " + *wrong);
  }
  if (const auto wrong = chosen_unfit(scenario.protocol, curvature_)) {
    throw UserError("protocol" + *wrong);
  }
  check_neighborhoods();
  check_held_out();
  plan_ = chosen_plan(scenario.protocol, graph_);
  // A trace that is wrong must be found now; what measured steps take is not known yet.
  if (!measures_steps()) compute_ = make_compute_of(scenario_, SimTime{});
}

// What is known before the run: who combines the models of all its neighbors, in every round.
void Experiment::check_neighborhoods() const {
  if (scenario_.aggregator.on_infeasible != OnInfeasible::kError) return;
  if (schedule_ != nullptr || !combines_neighborhoods(scenario_.protocol)) return;
  for (PeerId peer = 0; peer < scenario_.peers; ++peer) {
    const int inputs = graph_.degree(peer) + 1;
    if (inputs == 1) continue;
    const auto wrong = aggregator_->infeasible(inputs);
    if (!wrong) continue;
    std::string message = "aggregator: peer " + std::to_string(peer) + " with " +
                          std::to_string(inputs - 1) + " neighbors: " + *wrong;
    for (int more = inputs + 1; more <= scenario_.peers; ++more) {
      if (aggregator_->infeasible(more)) continue;
      message += "; feasible from " + std::to_string(more - 1) + " neighbors on";
      break;
    }
    throw UserError(message + "; or choose on_infeasible: skip or fallback");
  }
}

void Experiment::check_held_out() const {
  if (!aggregator_->needs_oracle()) return;
  for (PeerId peer = 0; peer < scenario_.peers; ++peer) {
    if (held_out_[static_cast<std::size_t>(peer)] > 0) continue;
    throw UserError("data.validation: peer " + std::to_string(peer) + " holds out none of its " +
                    std::to_string(problem_->train_samples(peer)) +
                    " samples, but the aggregation rule tries models on them; hold out more");
  }
}

bool Experiment::measures_steps() const {
  return std::holds_alternative<MeasuredComputeOptions>(scenario_.compute);
}

SimTime Experiment::measure_steps() const {
  return measures_steps() ? measure_step_time(*problem_) : SimTime{};
}

RecordPlan Experiment::record_plan() const {
  const EvaluationOptions& evaluation = scenario_.evaluation;
  EvaluationPlan plan{
      .num_peers = scenario_.peers,
      .every_rounds = evaluation.every_rounds,
      .last_round = rounds_of(scenario_),
      .peers =
          select(evaluation.peers,
                 {.graph = graph_,
                  .rng = Rng(scenario_.seeds.data).split("evaluation peers"),
                  .train_samples = [this](PeerId peer) { return problem_->train_samples(peer); }}),
      .before_mixing = evaluation.before_mixing,
      .mean_model = evaluation.mean_model,
      .local = evaluation.local,
      .validation = scenario_.data.validation.value > 0.0};
  if (!faults_.is_empty()) {
    for (PeerId peer = 0; peer < scenario_.peers; ++peer) {
      if (!faults_.is_present_at_start(peer)) plan.absent.push_back(peer);
    }
    plan.components = [this](SimTime time) { return live_.components(time); };
  }
  plan.attackers = adversaries_.peers();
  return {.evaluation = std::move(plan),
          .total_rounds = rounds_of(scenario_),
          .until = scenario_.until,
          .targets = evaluation.targets,
          .hold = evaluation.hold,
          .pause_every_rounds = scenario_.checkpoint.every_rounds};
}

SamplingPlan Experiment::sampling_plan() const {
  const auto or_never = [](SimTime time) { return time > SimTime{} ? time : SimTime::max(); };
  return {.every = or_never(scenario_.evaluation.every), .until = or_never(scenario_.until)};
}

std::unique_ptr<Protocol> Experiment::make_protocol(PeerId peer, SimTime now) const {
  std::vector<PeerId> absent;
  if (!faults_.is_empty()) {
    std::ranges::copy_if(graph_.neighbors(peer), std::back_inserter(absent),
                         [&](PeerId other) { return !faults_.is_up(other, now); });
  }
  // A peer that comes back with nothing must not repeat what it drew in its former life.
  const Rng rng = Rng(scenario_.seeds.training)
                      .split("protocol")
                      .split("peer", static_cast<std::uint64_t>(peer))
                      .split("start", static_cast<std::uint64_t>(now.nanoseconds));
  return make_chosen(scenario_.protocol, {.self = peer,
                                          .neighbors = graph_.neighbors(peer),
                                          .weights = mixing_.neighbor_weights(peer),
                                          .self_weight = mixing_.self_weight(peer),
                                          .absent = absent,
                                          .keep_previous = aggregator_->needs_previous(),
                                          .rng = rng,
                                          .schedule = schedule_.get(),
                                          .plan = plan_ ? &*plan_ : nullptr,
                                          .curvature = curvature_});
}

// A forward pass takes about a third of a training step on as many samples.
std::function<double(PeerId)> Experiment::trial_steps() const {
  if (!aggregator_->needs_oracle()) return nullptr;
  return [this](PeerId peer) {
    const auto samples = static_cast<double>(held_out_[static_cast<std::size_t>(peer)]);
    return samples / (3.0 * scenario_.training.batch_size);
  };
}

SimulationWorld Experiment::make_world(SimTime step_time, JobPool& pool,
                                       const std::atomic<bool>& stop) {
  if (measures_steps()) compute_ = make_compute_of(scenario_, step_time);
  return {.num_peers = scenario_.peers,
          .problem = *problem_,
          .aggregator = *aggregator_,
          .codec = *codec_,
          .codec_number = static_cast<std::uint32_t>(scenario_.codec.index()),
          .compute = *compute_,
          .network = *network_,
          .faults = faults_,
          .pool = pool,
          .make_protocol = [this](PeerId peer, SimTime now) { return make_protocol(peer, now); },
          .aggregation_rng = Rng(scenario_.seeds.training).split("aggregation"),
          .keep_trained = scenario_.evaluation.before_mixing,
          .keep_latest = scenario_.evaluation.every > SimTime{} || scenario_.until > SimTime{},
          .stop = stop,
          .adversaries = adversaries_.empty() ? nullptr : &adversaries_,
          .trial_steps = trial_steps()};
}

}  // namespace hearsay

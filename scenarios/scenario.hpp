#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "aggregators/aggregators.hpp"
#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/codecs/codecs.hpp"
#include "node/data/data_source.hpp"
#include "node/data/partitions.hpp"
#include "node/learning/model_options.hpp"
#include "node/learning/training_options.hpp"
#include "node/protocols/protocols.hpp"
#include "node/world/compute_model.hpp"
#include "node/world/networks.hpp"
#include "results/time_to_accuracy.hpp"
#include "scenarios/adversaries.hpp"
#include "scenarios/faults.hpp"
#include "scenarios/peer_selector.hpp"
#include "topologies/mixing_rules.hpp"
#include "topologies/topologies.hpp"

namespace hearsay {

/// One seed per purpose, so that for example the graph can be varied alone. Each
/// defaults to the scenario's `seed`.
struct Seeds {
  std::uint64_t data = 1;
  std::uint64_t graph = 1;
  std::uint64_t init = 1;
  std::uint64_t training = 1;
  std::uint64_t attack = 1;
  std::uint64_t fault = 1;  ///< Also message loss and peers' speeds.

  friend bool operator==(const Seeds&, const Seeds&) = default;
};

struct DataOptions {
  DataSource source;
  PartitionOptions partition;
  PeerSelector holders{};  ///< Who is dealt samples; not by role.
  Fraction validation{};

  friend bool operator==(const DataOptions&, const DataOptions&) = default;
};

struct EvaluationOptions {
  int every_rounds = 10;  ///< 0: by time.
  SimTime every{};        ///< Of virtual time. 0: by rounds.
  Count samples{};
  PeerSelector peers{};
  std::vector<double> targets;
  TargetHold hold;
  bool before_mixing = false;
  bool mean_model = false;
  bool local = false;

  friend bool operator==(const EvaluationOptions&, const EvaluationOptions&) = default;
};

/// When the state of the whole run is saved, beside the moment when it is interrupted.
struct CheckpointOptions {
  int every_rounds = 0;  ///< 0: not by rounds.
  SimTime every{};       ///< Of virtual time. 0: not by time.

  friend bool operator==(const CheckpointOptions&, const CheckpointOptions&) = default;
};

/// Everything that determines a run's results, fully resolved: plain comparable data.
/// The loader (loader.hpp) makes it from YAML and checks it; nothing else does.
struct Scenario {
  std::string name;
  std::uint64_t seed = 1;
  Seeds seeds;
  int peers = 0;
  TopologyOptions topology;
  MixingOptions mixing;
  DataOptions data;
  ModelOptions model;
  TrainingOptions training;
  ProtocolOptions protocol;
  SimTime until{};  ///< Of virtual time. 0: as long as the peers go on.
  AggregatorOptions aggregator;
  CodecOptions codec;
  std::vector<AdversaryOptions> adversaries;
  ComputeOptions compute;
  NetworkOptions network;
  std::vector<Fault> faults;
  EvaluationOptions evaluation;
  CheckpointOptions checkpoint;

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

template <class Visitor>
void describe(Visitor& visit, Seeds& seeds) {
  visit("data", seeds.data, "partition and synthetic data");
  visit("graph", seeds.graph, "random topologies");
  visit("init", seeds.init, "initial models, objectives, the sample of test data");
  visit("training", seeds.training, "batches and gradient noise");
  visit("attack", seeds.attack, "adversaries");
  visit("fault", seeds.fault, "message loss, peers' speeds, faults");
}

template <class Visitor>
void describe(Visitor& visit, DataOptions& data) {
  visit.kind(data.source);
  visit("partition", data.partition, "which samples a peer owns");
  visit("holders", data.holders, "which peers own samples; the others only pass models on");
  visit("validation", data.validation, from_below(0, 1),
        "share of a peer's samples held out from training");
}

template <class Visitor>
void describe(Visitor& visit, TargetHold& hold) {
  visit("evaluations", hold.evaluations, at_least(0), "evaluations for which it must stay");
  visit("tolerance", hold.tolerance, between(0, 1), "by how much it may fall in these");
}

template <class Visitor>
void describe(Visitor& visit, CheckpointOptions& checkpoint) {
  visit("every_rounds", checkpoint.every_rounds, at_least(0), "rounds between two; 0: none");
  visit("every", checkpoint.every, at_least(0), "virtual time between two; 0: none");
}

template <class Visitor>
void describe(Visitor& visit, EvaluationOptions& evaluation) {
  visit("every_rounds", evaluation.every_rounds, at_least(0),
        "rounds between two evaluations; 0: see `every`");
  visit("every", evaluation.every, at_least(0),
        "virtual time between two evaluations, in place of every_rounds; 0: by rounds");
  visit("samples", evaluation.samples, at_least(1), "test samples used: a number or all");
  visit("peers", evaluation.peers, "which peers are tested");
  visit("targets", evaluation.targets, between(0, 1), "accuracies whose time is reported");
  visit("hold", evaluation.hold, "how long an accuracy must stay to count as reached");
  visit("before_mixing", evaluation.before_mixing, "also test models before aggregation");
  visit("mean_model", evaluation.mean_model, "also test the mean of all models");
  visit("local", evaluation.local, "also test on each peer's own label distribution");
}

template <class Visitor>
void describe(Visitor& visit, Scenario& scenario) {
  visit("name", scenario.name, "name of the run directory");
  visit("seed", scenario.seed, "root of all randomness");
  visit("seeds", scenario.seeds, "seeds of single purposes, in place of `seed`");
  visit("peers", scenario.peers, at_least(1), "number of peers");
  visit("topology", scenario.topology, "who is whose neighbor");
  visit("mixing", scenario.mixing, "weights of the mixing matrix");
  visit("data", scenario.data, "what is learnt from");
  visit("model", scenario.model, "what is learnt");
  visit("training", scenario.training, "local training");
  visit("protocol", scenario.protocol, "who trains, sends and aggregates when");
  visit("until", scenario.until, at_least(0),
        "virtual time at which the run ends; 0: when all peers have done their rounds");
  visit("aggregator", scenario.aggregator, "how models are combined");
  visit("codec", scenario.codec, "how an update looks on the wire");
  visit("adversaries", scenario.adversaries, "who attacks, when and how");
  visit("compute", scenario.compute, "virtual cost of computing");
  visit("network", scenario.network, "virtual cost of sending");
  visit("faults", scenario.faults, "what goes wrong, and when");
  visit("evaluation", scenario.evaluation, "when and on what models are tested");
  visit("checkpoint", scenario.checkpoint, "when the state of the run is saved");
}

}  // namespace hearsay

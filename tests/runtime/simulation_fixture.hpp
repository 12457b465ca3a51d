#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "aggregators/aggregators.hpp"
#include "node/codecs/codecs.hpp"
#include "node/protocols/protocols.hpp"
#include "node/runtime/simulation.hpp"
#include "topologies/mixing_matrix.hpp"

namespace hearsay {

/// How a small simulation is run; everything else is fixed.
struct SmallRun {
  int rounds = 5;
  int workers = 1;
  int loops = 1;
  TransportKind transport = TransportKind::kInproc;
  AggregatorOptions aggregator;
  LinksOptions network{.latency = {1'000'000}};
  ComputeOptions compute = FixedComputeOptions{};
};

/// What it left behind.
struct SmallOutcome {
  SimulationOutcome outcome;
  std::vector<std::vector<ModelBuffer>> models;  ///< [round - 1][peer], after aggregation.
  std::vector<std::vector<SimTime>> times;       ///< Likewise: when the peer got there.
  std::vector<PeerId> diverged;
};

/// Keeps every peer's model after every round.
class ModelLog final : public SimulationObserver {
 public:
  ModelLog(int rounds, int num_peers) {
    result.models.assign(static_cast<std::size_t>(rounds),
                         std::vector<ModelBuffer>(static_cast<std::size_t>(num_peers)));
    result.times.assign(static_cast<std::size_t>(rounds),
                        std::vector<SimTime>(static_cast<std::size_t>(num_peers)));
  }

  bool wants_model(int) const override { return true; }
  void on_round(const RoundNotice& notice) override {
    const auto round = static_cast<std::size_t>(notice.round - 1);
    result.models[round][static_cast<std::size_t>(notice.peer)] = notice.model;
    result.times[round][static_cast<std::size_t>(notice.peer)] = notice.time;
  }
  void on_diverged(PeerId peer, SimTime) override { result.diverged.push_back(peer); }
  void on_refused(PeerId, const Envelope&, SimTime) override {}

  SmallOutcome result;
};

/// Runs D-PSGD on `problem` over the graph of `mixing`.
inline SmallOutcome run_small(const LearningProblem& problem, const MixingMatrix& mixing,
                              const SmallRun& run) {
  const Graph& graph = mixing.graph();
  const int n = graph.num_peers();
  const auto aggregator = make_chosen(run.aggregator);
  const auto codec = make_chosen(CodecOptions{});
  std::vector<std::unique_ptr<Protocol>> protocols;
  for (PeerId peer = 0; peer < n; ++peer) {
    protocols.push_back(make_chosen(ProtocolOptions{DpsgdOptions{.rounds = run.rounds}},
                                    {.self = peer,
                                     .neighbors = graph.neighbors(peer),
                                     .weights = mixing.neighbor_weights(peer),
                                     .self_weight = mixing.self_weight(peer)}));
  }
  JobPool pool(problem, run.workers);
  const std::atomic<bool> stop{false};
  ModelLog log(run.rounds, n);
  Simulation simulation({.problem = problem,
                         .aggregator = *aggregator,
                         .codec = *codec,
                         .compute = ComputeModel(run.compute, n, Rng(3)),
                         .network = NetworkModel(run.network, n, Rng(4)),
                         .pool = pool,
                         .aggregation_rng = Rng(5),
                         .stop = stop},
                        {.transport = run.transport,
                         .identity = {.run = 1, .scenario_digest = 2},
                         .loops = run.loops},
                        std::move(protocols), log);
  log.result.outcome = simulation.run();
  return std::move(log.result);
}

}  // namespace hearsay

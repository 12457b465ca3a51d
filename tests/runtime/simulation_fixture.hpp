#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "aggregators/aggregators.hpp"
#include "node/codecs/codecs.hpp"
#include "node/protocols/protocols.hpp"
#include "node/runtime/simulation.hpp"
#include "node/world/networks.hpp"
#include "topologies/mixing_matrix.hpp"

namespace hearsay {

/// How a small simulation is run; everything else is fixed.
struct SmallRun {
  int rounds = 5;
  int workers = 1;
  int loops = 1;
  TransportKind transport = TransportKind::kInproc;
  AggregatorOptions aggregator;
  NetworkOptions network = LinksOptions{.passage = {.latency = {1'000'000}}};
  ComputeOptions compute = FixedComputeOptions{};
  DpsgdOptions protocol;  ///< Its rounds are those above.
  FaultTimeline faults;

  /// Where to stop, with the state as it is then; and where to go on from.
  SimTime save_at = SimTime::max();
  const Snapshot* resume_from = nullptr;
};

/// What it left behind.
struct SmallOutcome {
  SimulationOutcome outcome;
  std::vector<std::vector<ModelBuffer>> models;  ///< [round - 1][peer], after aggregation.
  std::vector<std::vector<SimTime>> times;       ///< Likewise: when the peer got there.
  std::vector<PeerId> diverged;
  std::vector<std::pair<PeerId, PeerChange>> changes;
  Snapshot saved;  ///< If the run was to stop.
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
  void on_refused(PeerId, const Envelope&, RefusalReason, SimTime) override {}
  void on_change(PeerId peer, const PeerChange& change) override {
    result.changes.emplace_back(peer, change);
  }

  SmallOutcome result;
};

/// Runs D-PSGD on `problem` over the graph of `mixing`.
inline SmallOutcome run_small(const LearningProblem& problem, const MixingMatrix& mixing,
                              const SmallRun& run) {
  const Graph& graph = mixing.graph();
  const int n = graph.num_peers();
  const auto aggregator = make_chosen(run.aggregator);
  const auto codec = make_chosen(CodecOptions{});
  const auto compute = make_compute(run.compute, n, Rng(3));
  const auto network = make_network(run.network, n, Rng(4));
  DpsgdOptions protocol = run.protocol;
  protocol.rounds = run.rounds;
  const auto make_peer = [&](PeerId peer, SimTime now) {
    std::vector<PeerId> absent;
    for (const PeerId other : graph.neighbors(peer)) {
      if (!run.faults.is_up(other, now)) absent.push_back(other);
    }
    return make_chosen(ProtocolOptions{protocol}, {.self = peer,
                                                   .neighbors = graph.neighbors(peer),
                                                   .weights = mixing.neighbor_weights(peer),
                                                   .self_weight = mixing.self_weight(peer),
                                                   .absent = absent});
  };
  JobPool pool(problem, run.workers);
  std::atomic<bool> stop{false};
  ModelLog log(run.rounds, n);
  Simulation simulation({.num_peers = n,
                         .problem = problem,
                         .aggregator = *aggregator,
                         .codec = *codec,
                         .compute = *compute,
                         .network = *network,
                         .faults = run.faults,
                         .pool = pool,
                         .make_protocol = make_peer,
                         .aggregation_rng = Rng(5),
                         .stop = stop},
                        {.transport = run.transport,
                         .identity = {.run = 1, .scenario_digest = 2},
                         .loops = run.loops},
                        log);
  if (run.resume_from != nullptr) {
    LoadingArchive archive(*run.resume_from);
    simulation.persist(archive);
    archive.finish();
  }
  log.result.outcome = simulation.run({.every = run.save_at, .on_pause = [&] {
                                         SavingArchive archive;
                                         simulation.persist(archive);
                                         log.result.saved = archive.take();
                                         stop.store(true);
                                       }});
  return std::move(log.result);
}

}  // namespace hearsay

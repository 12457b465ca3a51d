#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <span>
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
  int rounds = 5;  ///< 0, where the protocol takes it: until the sampling plan's end.
  int workers = 1;
  int loops = 1;
  TransportKind transport = TransportKind::kInproc;
  AggregatorOptions aggregator;
  NetworkOptions network = LinksOptions{.passage = {.latency = {1'000'000}}};
  ComputeOptions compute = FixedComputeOptions{};
  ProtocolOptions protocol;  ///< Its rounds are those above.
  FaultTimeline faults;
  SamplingPlan sampling;
  const Adversaries* adversaries = nullptr;
  const Aggregator* rule = nullptr;  ///< In place of `aggregator`.
  std::function<double(PeerId)> trial_steps{};

  /// Where to stop, with the state as it is then; and where to go on from.
  SimTime save_at = SimTime::max();
  const Snapshot* resume_from = nullptr;
};

/// All peers that were up at one moment.
struct SmallSample {
  SimTime time;
  std::vector<PeerSample> peers;
  bool is_last = false;
};

/// What it left behind.
struct SmallOutcome {
  SimulationOutcome outcome;
  std::vector<std::vector<ModelBuffer>> models;  ///< [round - 1][peer], after aggregation.
  std::vector<std::vector<SimTime>> times;       ///< Likewise: when the peer got there.
  std::vector<SmallSample> samples;
  std::vector<PeerId> diverged;
  std::vector<std::pair<PeerId, PeerChange>> changes;
  std::vector<std::pair<PeerId, AggregationIncidents>> incidents;
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
    if (round >= result.models.size()) return;
    result.models[round][static_cast<std::size_t>(notice.peer)] = notice.model;
    result.times[round][static_cast<std::size_t>(notice.peer)] = notice.time;
  }
  void on_diverged(PeerId peer, SimTime) override { result.diverged.push_back(peer); }
  void on_refused(PeerId, const Envelope&, RefusalReason, SimTime) override {}
  void on_incidents(PeerId peer, int, const AggregationIncidents& incidents, SimTime) override {
    result.incidents.emplace_back(peer, incidents);
  }
  void on_change(PeerId peer, const PeerChange& change) override {
    result.changes.emplace_back(peer, change);
  }
  void on_sample(const SampleNotice& notice) override {
    result.samples.push_back(
        {notice.time, {notice.peers.begin(), notice.peers.end()}, notice.is_last});
  }

  SmallOutcome result;
};

/// What the peers of a simulation share, made as `run` says, which it refers to. It outlives
/// the simulation.
class SmallWorld {
 public:
  SmallWorld(const LearningProblem& problem, int num_peers, const SmallRun& run)
      : num_peers_(num_peers),
        problem_(problem),
        faults_(run.faults),
        run_(run),
        aggregator_(make_chosen(run.aggregator)),
        codec_(make_chosen(CodecOptions{})),
        compute_(make_compute(run.compute, num_peers, Rng(3))),
        network_(make_network(run.network, num_peers, Rng(4))),
        pool_(problem, run.workers),
        is_sampled_(std::min(run.sampling.every, run.sampling.until) != SimTime::max()) {}

  SimulationWorld with(ProtocolFactory make_protocol) {
    return {.num_peers = num_peers_,
            .problem = problem_,
            .aggregator = run_.rule != nullptr ? *run_.rule : *aggregator_,
            .codec = *codec_,
            .compute = *compute_,
            .network = *network_,
            .faults = faults_,
            .pool = pool_,
            .make_protocol = std::move(make_protocol),
            .aggregation_rng = Rng(5),
            .keep_latest = is_sampled_,
            .stop = stop_,
            .adversaries = run_.adversaries,
            .trial_steps = run_.trial_steps};
  }

  void stop() { stop_.store(true); }

 private:
  int num_peers_;
  const LearningProblem& problem_;
  const FaultTimeline& faults_;
  const SmallRun& run_;
  std::unique_ptr<Aggregator> aggregator_;
  std::unique_ptr<Codec> codec_;
  std::unique_ptr<ComputeModel> compute_;
  std::unique_ptr<NetworkModel> network_;
  JobPool pool_;
  bool is_sampled_;
  std::atomic<bool> stop_{false};
};

/// Runs the protocol on `problem` over the graph of `mixing`.
inline SmallOutcome run_small(const LearningProblem& problem, const MixingMatrix& mixing,
                              const SmallRun& run) {
  const Graph& graph = mixing.graph();
  const int n = graph.num_peers();
  ProtocolOptions protocol = run.protocol;
  std::visit([&](auto& chosen) { chosen.rounds = run.rounds; }, protocol);
  const auto make_peer = [&](PeerId peer, SimTime now) {
    std::vector<PeerId> absent;
    for (const PeerId other : graph.neighbors(peer)) {
      if (!run.faults.is_up(other, now)) absent.push_back(other);
    }
    return make_chosen(protocol,
                       {.self = peer,
                        .neighbors = graph.neighbors(peer),
                        .weights = mixing.neighbor_weights(peer),
                        .self_weight = mixing.self_weight(peer),
                        .absent = absent,
                        .rng = Rng(6)
                                   .split("peer", static_cast<std::uint64_t>(peer))
                                   .split("start", static_cast<std::uint64_t>(now.nanoseconds))});
  };
  SmallWorld world(problem, n, run);
  ModelLog log(run.rounds, n);
  Simulation simulation(world.with(make_peer),
                        {.transport = run.transport,
                         .identity = {.run = 1, .scenario_digest = 2},
                         .loops = run.loops},
                        log, run.sampling);
  if (run.resume_from != nullptr) {
    LoadingArchive archive(*run.resume_from);
    simulation.persist(archive);
    archive.finish();
  }
  log.result.outcome = simulation.run({.every = run.save_at, .on_pause = [&] {
                                         SavingArchive archive;
                                         simulation.persist(archive);
                                         log.result.saved = archive.take();
                                         world.stop();
                                       }});
  return std::move(log.result);
}

}  // namespace hearsay

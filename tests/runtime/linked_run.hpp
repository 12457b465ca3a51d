#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "tests/runtime/simulation_fixture.hpp"
#include "topologies/link_schedule.hpp"

namespace hearsay {

/// As run_small, but peers speak along `links`; null: along those of the protocol, if it lays any
/// over the graph.
inline SmallOutcome run_linked(const LearningProblem& problem, const MixingMatrix& mixing,
                               const SmallRun& run, const LinkSchedule* links = nullptr) {
  const Graph& graph = mixing.graph();
  ProtocolOptions protocol = run.protocol;
  std::visit([&](auto& chosen) { chosen.rounds = run.rounds; }, protocol);
  const std::unique_ptr<LinkSchedule> own_links = chosen_links(protocol, graph);
  SmallWorld world(problem, graph.num_peers(), run);
  const auto make_peer = [&](PeerId peer, SimTime now) {
    std::vector<PeerId> absent;
    for (const PeerId other : graph.neighbors(peer)) {
      if (!run.faults.is_up(other, now)) absent.push_back(other);
    }
    return make_chosen(protocol, {.self = peer,
                                  .neighbors = graph.neighbors(peer),
                                  .weights = mixing.neighbor_weights(peer),
                                  .self_weight = mixing.self_weight(peer),
                                  .absent = absent,
                                  .schedule = links != nullptr ? links : own_links.get()});
  };
  ModelLog log(run.rounds, graph.num_peers());
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

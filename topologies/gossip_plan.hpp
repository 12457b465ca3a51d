#pragma once

#include <optional>
#include <string>

#include "topologies/edge_rates.hpp"
#include "topologies/resistance.hpp"

namespace hearsay {

/// How often the edges of a graph are used, and what follows from it: the same for all
/// peers, made once per run.
struct GossipPlan {
  EdgeRates rates;
  GossipConstants constants;  ///< Of these rates.
};

/// Why there is no plan for a graph, and what would do; nothing if there is one.
inline std::optional<std::string> unfit_for_plan(const Graph& graph) {
  constexpr int kMostPeers = 4096;
  if (graph.num_peers() > kMostPeers) {
    return "too many peers to compute chi1 and chi2 from, which takes at most " +
           std::to_string(kMostPeers);
  }
  if (graph.is_connected()) return std::nullopt;
  return "not connected, so that chi1 and chi2 are infinite; choose a connected one";
}

}  // namespace hearsay

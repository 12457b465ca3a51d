#pragma once

#include <span>
#include <string>

#include "node/base/peer_id.hpp"

/// Who waits for whom in a run that stalled: what is printed, and a drawing of it.

namespace hearsay {

/// One peer waits for another.
struct WaitForEdge {
  PeerId peer = 0;
  PeerId waits_for = 0;
  std::string why;  ///< Why that one does not answer: "crashed at 12 s"; may be empty.
};

/// The wait-for graph in words, lines ended by '\n'; empty without edges:
///   3 peers wait:
///     peer 1 waits for 2
///     peer 2 waits for 1, 4 (crashed at 12 s)
///     peer 3 waits for 4 (crashed at 12 s)
///   cycle: 1 -> 2 -> 1
///   dead end: peer 4 (crashed at 12 s), waited for by 2 peers
/// Peers ascend. A dead end is waited for but waits for nobody. At most 10 peers, 10
/// others per peer, 10 cycles of 10 peers and 10 dead ends are named, then the number of
/// the rest. Not all cycles are found, but disjoint ones, and at least one if there is
/// any: from each peer that can reach a cycle the smallest such neighbor is followed.
std::string wait_graph_text(std::span<const WaitForEdge> edges);

/// The whole graph in the DOT language of Graphviz, dead ends as boxes with the reason of
/// their first edge, every edge with its own reason. Peers and edges ascend.
std::string wait_graph_dot(std::span<const WaitForEdge> edges);

}  // namespace hearsay

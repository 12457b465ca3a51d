#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "node/base/peer_id.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Which peers something applies to, as a scenario's `peers:` says it:
///   all                    every peer
///   [0, 3, 8-15]           these, ranges inclusive
///   {random: 20%}          that share (rounded, at least one) or number, drawn at random
///   {highest_degree: 3}    those with most neighbors (ties: lower id first)
///   {lowest_degree: 10%}   those with fewest (ties: lower id first)
struct PeerSelector {
  enum class Kind { kAll, kList, kRandom, kHighestDegree, kLowestDegree };

  /// Inclusive.
  struct IdRange {
    PeerId first = 0;
    PeerId last = 0;
    friend bool operator==(const IdRange&, const IdRange&) = default;
  };

  Kind kind = Kind::kAll;
  std::vector<IdRange> ids{};                     ///< For kList.
  std::variant<Fraction, std::int64_t> amount{};  ///< For the last three kinds: above 0.

  friend bool operator==(const PeerSelector&, const PeerSelector&) = default;
};

/// What is wrong with `selector` for this many peers (an id out of range, more peers
/// asked for than there are); nothing if it is sound.
std::optional<std::string> infeasible(const PeerSelector& selector, int num_peers);

/// The chosen peers, ascending, each once. REQUIRES: feasible.
std::vector<PeerId> select(const PeerSelector& selector, const Graph& graph, Rng rng);

}  // namespace hearsay

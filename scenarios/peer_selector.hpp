#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Which peers something applies to, as a scenario's `peers:` says it:
///   all                        every peer
///   [0, 3, 8-15]               these, ranges inclusive
///   {random: 20%}              that share (rounded, at least one) or number, drawn at random
///   {highest_degree: 3}        those with most neighbors
///   {lowest_degree: 10%}       those with fewest
///   {highest_betweenness: 3}   those that most shortest paths lead through (betweenness.hpp)
///   {lowest_betweenness: 10%}  those that fewest lead through
///   {role: relays}             those that own no training sample; data_holders: all others
/// Ties of degree, and of betweenness to the precision of a float (equal values differ in
/// double by rounding), go to the lower id.
struct PeerSelector {
  enum class Kind {
    kAll,
    kList,
    kRandom,
    kHighestDegree,
    kLowestDegree,
    kHighestBetweenness,
    kLowestBetweenness,
    kRole
  };

  enum class Role { kDataHolders, kRelays };

  /// Inclusive.
  struct IdRange {
    PeerId first = 0;
    PeerId last = 0;
    friend bool operator==(const IdRange&, const IdRange&) = default;
  };

  Kind kind = Kind::kAll;
  std::vector<IdRange> ids{};                     ///< For kList.
  std::variant<Fraction, std::int64_t> amount{};  ///< For kRandom to kLowestBetweenness: above 0.
  Role role = Role::kDataHolders;                 ///< For kRole.

  friend bool operator==(const PeerSelector&, const PeerSelector&) = default;
};

/// The kinds that are written as a mapping {NAME: ...}.
constexpr auto enum_names(PeerSelector::Kind) {
  using Kind = PeerSelector::Kind;
  return std::array{EnumName<Kind>{Kind::kRandom, "random"},
                    EnumName<Kind>{Kind::kHighestDegree, "highest_degree"},
                    EnumName<Kind>{Kind::kLowestDegree, "lowest_degree"},
                    EnumName<Kind>{Kind::kHighestBetweenness, "highest_betweenness"},
                    EnumName<Kind>{Kind::kLowestBetweenness, "lowest_betweenness"},
                    EnumName<Kind>{Kind::kRole, "role"}};
}

constexpr auto enum_names(PeerSelector::Role) {
  using Role = PeerSelector::Role;
  return std::array{EnumName<Role>{Role::kDataHolders, "data_holders"},
                    EnumName<Role>{Role::kRelays, "relays"}};
}

/// What is wrong with `selector` for this many peers (an id out of range, more peers
/// asked for than there are); nothing if it is sound.
std::optional<std::string> infeasible(const PeerSelector& selector, int num_peers);

/// What a selection depends on, beside the selector.
struct SelectionContext {
  const Graph& graph;
  Rng rng;  ///< Of this selection alone: for kRandom.

  /// Training samples that a peer owns. For kRole; may be empty where there is none.
  std::function<std::int64_t(PeerId)> train_samples{};
};

/// The chosen peers, ascending, each once; at least one, but a role may have nobody.
/// Betweenness, O(peers * edges), is computed only for the kinds that ask for it.
/// REQUIRES: feasible.
std::vector<PeerId> select(const PeerSelector& selector, const SelectionContext& context);

}  // namespace hearsay

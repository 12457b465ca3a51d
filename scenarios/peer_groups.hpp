#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/peer_selector.hpp"

namespace hearsay {

/// Lists of peers, as a scenario's `partition:` gives the sides and `link_down:` the ends
/// of links: [[0-7], [8-15]], [[0, 1], [2, 3]].
struct PeerGroups {
  std::vector<std::vector<PeerSelector::IdRange>> groups;

  friend bool operator==(const PeerGroups&, const PeerGroups&) = default;
};

/// What is wrong with `groups` as sides of a partition: an id out of range, an empty side,
/// a peer on two sides, one side with all peers. Nothing if it is sound.
std::optional<std::string> infeasible_sides(const PeerGroups& groups, int num_peers);

/// What is wrong with `groups` as links: each is two different peers, not a range.
std::optional<std::string> infeasible_links(const PeerGroups& groups, int num_peers);

/// The side of each peer, from 1; 0 for those on none, who are a side of their own.
/// REQUIRES: feasible sides.
std::vector<std::int32_t> side_of_peer(const PeerGroups& groups, int num_peers);

}  // namespace hearsay

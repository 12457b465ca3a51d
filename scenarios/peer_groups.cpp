#include "scenarios/peer_groups.hpp"

#include <algorithm>

#include "scenarios/quantities.hpp"

namespace hearsay {
namespace {

using Group = std::vector<PeerSelector::IdRange>;

PeerSelector list_of(const Group& group) {
  return {.kind = PeerSelector::Kind::kList, .ids = group};
}

std::optional<std::string> infeasible_ids(const Group& group, int num_peers) {
  return infeasible(list_of(group), num_peers);
}

std::string shown_group(const Group& group) { return print_value(list_of(group)); }

}  // namespace

std::optional<std::string> infeasible_sides(const PeerGroups& groups, int num_peers) {
  if (groups.groups.empty()) return "no sides; write them like [[0-7], [8-15]]";
  constexpr std::size_t kNone = 0;
  std::vector<std::size_t> sides(static_cast<std::size_t>(num_peers), kNone);
  for (std::size_t side = 1; side <= groups.groups.size(); ++side) {
    const Group& group = groups.groups[side - 1];
    if (group.empty()) return "side " + std::to_string(side) + " is empty; the least is one peer";
    if (auto wrong = infeasible_ids(group, num_peers)) return wrong;
    for (const auto& [first, last] : group) {
      for (PeerId peer = first; peer <= last; ++peer) {
        std::size_t& of_peer = sides[static_cast<std::size_t>(peer)];
        if (of_peer != kNone && of_peer != side) {
          return "peer " + std::to_string(peer) + " is on sides " + std::to_string(of_peer) +
                 " and " + std::to_string(side) + "; the most is one";
        }
        of_peer = side;
      }
    }
  }
  if (std::ranges::count(sides, sides.front()) == num_peers) {
    return "one side has all " + std::to_string(num_peers) + " peers; the most is " +
           std::to_string(num_peers - 1);
  }
  return std::nullopt;
}

std::optional<std::string> infeasible_links(const PeerGroups& groups, int num_peers) {
  if (groups.groups.empty()) return "no links; write them like [[0, 1], [2, 3]]";
  for (const Group& link : groups.groups) {
    const bool two_peers =
        link.size() == 2 && link[0].first == link[0].last && link[1].first == link[1].last;
    if (!two_peers) return "a link is two peers like [0, 1], got " + shown_group(link);
    if (auto wrong = infeasible_ids(link, num_peers)) return wrong;
    if (link[0] == link[1]) return "a link joins two different peers, got " + shown_group(link);
  }
  return std::nullopt;
}

std::vector<std::int32_t> side_of_peer(const PeerGroups& groups, int num_peers) {
  std::vector<std::int32_t> sides(static_cast<std::size_t>(num_peers), 0);
  std::int32_t side = 0;
  for (const Group& group : groups.groups) {
    ++side;
    for (const auto& [first, last] : group) {
      for (PeerId peer = first; peer <= last; ++peer) sides[static_cast<std::size_t>(peer)] = side;
    }
  }
  return sides;
}

}  // namespace hearsay

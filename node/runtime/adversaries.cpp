#include "node/runtime/adversaries.hpp"

#include <algorithm>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {

Adversaries::Adversaries(std::vector<AdversaryGroup> groups, const MixingMatrix& mixing)
    : groups_(std::move(groups)), mixing_(&mixing) {
  group_of_.assign(static_cast<std::size_t>(mixing.graph().num_peers()), -1);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    for (const PeerId peer : groups_[g].peers) {
      int& group = group_of_[static_cast<std::size_t>(peer)];
      HEARSAY_CHECK(group == -1);
      group = static_cast<int>(g);
      peers_.push_back(peer);
    }
  }
  std::ranges::sort(peers_);
}

bool Adversaries::act_on_messages() const {
  return std::ranges::any_of(groups_,
                             [](const AdversaryGroup& group) { return group.attack != nullptr; });
}

bool Adversaries::is_attacker(PeerId peer) const {
  return !group_of_.empty() && group_of_[static_cast<std::size_t>(peer)] >= 0;
}

const AdversaryGroup* Adversaries::group_of(PeerId peer) const {
  if (!is_attacker(peer)) return nullptr;
  return &groups_[group_number(peer)];
}

bool Adversaries::crafts(PeerId peer, SimTime now) const {
  const AdversaryGroup* const group = group_of(peer);
  return group != nullptr && group->attack != nullptr && now >= group->from && now < group->until;
}

int Adversaries::most_attacking_neighbors() const {
  if (empty()) return 0;
  const Graph& graph = mixing_->graph();
  std::ptrdiff_t most = 0;
  for (PeerId peer = 0; peer < graph.num_peers(); ++peer) {
    if (is_attacker(peer)) continue;
    most = std::max(most, std::ranges::count_if(graph.neighbors(peer), [this](PeerId other) {
                      return is_attacker(other);
                    }));
  }
  return static_cast<int>(most);
}

}  // namespace hearsay

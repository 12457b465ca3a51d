#include "node/protocols/neighborhood.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

Neighborhood::Neighborhood(const PeerView& view) : neighbors_(view.neighbors.size()) {
  HEARSAY_CHECK(view.neighbors.size() == view.weights.size());
  for (std::size_t k = 0; k < neighbors_.size(); ++k) {
    const PeerId id = view.neighbors[k];
    neighbors_[k] = {.id = id,
                     .weight = view.weights[k],
                     .present = !std::ranges::binary_search(view.absent, id)};
  }
}

std::optional<std::size_t> Neighborhood::find(PeerId id) const {
  const auto found = std::ranges::lower_bound(neighbors_, id, {}, &Neighbor::id);
  if (found == neighbors_.end() || found->id != id) return std::nullopt;
  return static_cast<std::size_t>(found - neighbors_.begin());
}

void Neighborhood::note(const Message& message, std::size_t position) {
  neighbors_[position].present = message.kind != MessageKind::kGoodbye;
}

void Neighborhood::say_hello(Effects& effects) const {
  for (const Neighbor& neighbor : neighbors_) {
    effects.sends.push_back({.to = neighbor.id, .kind = MessageKind::kHello, .model = {}});
  }
}

void Neighborhood::say_goodbye(Effects& effects) const {
  for (const Neighbor& neighbor : neighbors_) {
    if (!neighbor.present) continue;
    effects.sends.push_back({.to = neighbor.id, .kind = MessageKind::kGoodbye, .model = {}});
  }
}

void Neighborhood::persist(Archive& archive) {
  for (Neighbor& neighbor : neighbors_) archive(neighbor.present);
}

}  // namespace hearsay

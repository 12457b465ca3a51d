#include "node/protocols/neighborhood.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

std::optional<std::string> unfit_unless_complete(std::string_view who, const Graph& graph) {
  const int n = graph.num_peers();
  for (PeerId peer = 0; peer < n; ++peer) {
    if (graph.degree(peer) == n - 1) continue;
    return std::string(who) + " needs every peer to be every other's neighbor, but peer " +
           std::to_string(peer) + " has " + std::to_string(graph.degree(peer)) + " of " +
           std::to_string(n - 1) + "; use {kind: complete}";
  }
  return std::nullopt;
}

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

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/protocols/protocol.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// Nothing if everybody is everybody's neighbor; else that `who` needs it, and who is not.
std::optional<std::string> unfit_unless_complete(std::string_view who, const Graph& graph);

/// A peer's neighbors, by position (ascending by id), and which of them are there as far as
/// it knows: those that were not absent at first, less those that said goodbye, plus those
/// that were heard from since. A crash goes unnoticed. For protocols that wait for nobody.
class Neighborhood {
 public:
  explicit Neighborhood(const PeerView& view);

  std::size_t size() const { return neighbors_.size(); }
  PeerId id(std::size_t position) const { return neighbors_[position].id; }
  double weight(std::size_t position) const { return neighbors_[position].weight; }
  bool is_present(std::size_t position) const { return neighbors_[position].present; }

  /// Nothing if it is no neighbor. O(log size).
  std::optional<std::size_t> find(PeerId id) const;

  /// Its sender, a neighbor, is there, unless the message says goodbye.
  void note(const Message& message, std::size_t position);

  /// One of those present for which fits(position) holds, each with the same probability.
  template <class Fits>
  std::optional<std::size_t> pick(Rng& rng, Fits fits) const {
    std::size_t left = 0;
    for (std::size_t k = 0; k < size(); ++k) left += can_pick(k, fits) ? 1 : 0;
    if (left == 0) return std::nullopt;
    left = static_cast<std::size_t>(rng.below(left)) + 1;
    for (std::size_t k = 0;; ++k) {
      if (can_pick(k, fits) && --left == 0) return k;
    }
  }

  std::optional<std::size_t> pick(Rng& rng) const {
    return pick(rng, [](std::size_t) { return true; });
  }

  /// To every neighbor, also to those believed absent: they may have come meanwhile.
  void say_hello(Effects& effects) const;

  /// To those that are there.
  void say_goodbye(Effects& effects) const;

  void persist(Archive& archive);

 private:
  struct Neighbor {
    PeerId id = 0;
    double weight = 0.0;
    bool present = true;
  };

  template <class Fits>
  bool can_pick(std::size_t position, Fits& fits) const {
    return neighbors_[position].present && fits(position);
  }

  std::vector<Neighbor> neighbors_;
};

}  // namespace hearsay

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/describe.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

struct PeerSamplingOptions {
  int view = 20;     ///< c
  int healing = 1;   ///< H: the larger, the sooner those who are gone are forgotten.
  int swapping = 9;  ///< S: the larger, the more alike are the peers' in-degrees.

  friend bool operator==(const PeerSamplingOptions&, const PeerSamplingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, PeerSamplingOptions& options) {
  visit("view", options.view, between(2, 100'000), "peers that a peer knows of");
  visit("healing", options.healing, between(0, 100'000), "oldest entries dropped per exchange");
  visit("swapping", options.swapping, between(0, 100'000), "sent entries dropped per exchange");
}

/// A peer, and how many exchanges ago it was heard to be there.
struct SampledPeer {
  PeerId id = 0;
  std::int32_t age = 0;

  void persist(Archive& archive) { archive(id, age); }

  friend bool operator==(const SampledPeer&, const SampledPeer&) = default;
};

/// The peer sampling service: a small view of who is there, which changes all the time and is
/// nearly a random sample. A peer knows nobody else.
///   exchange  with the oldest entry of the view, which is taken out and comes back by its
///             answer (as in Cyclon, so that the dead are asked once). Both send offer():
///             themselves with age 0, and half a view less one, random but for the H oldest.
///             Both then merge(): append what came, keep the youngest of each peer, and while
///             there are more than c drop the H oldest, then the first S (those that were
///             sent), then random ones; all grow older by one.
/// Jelasity, Voulgaris, Guerraoui, Kermarrec, van Steen. Gossip-based peer sampling. ACM TOCS
/// 25(3), 2007: push-pull, tail selection.
class PeerSampling {
 public:
  /// A view of random contacts, as a bootstrap service would give. `contacts` are who may be
  /// asked at all, ascending, without `self`.
  PeerSampling(const PeerSamplingOptions& options, PeerId self, std::vector<PeerId> contacts,
               Rng& rng);

  /// Who to exchange views with; taken out of the view. Nobody if there are no contacts; an
  /// empty view is drawn anew.
  std::optional<PeerId> take_partner(Rng& rng);

  /// A random entry of the view.
  std::optional<PeerId> pick(Rng& rng) const;

  /// What to send in an exchange, at most half a view.
  std::vector<SampledPeer> offer(Rng& rng);

  /// False, and nothing changes, unless all are contacts (or this peer), each once, of ages
  /// that can be, and no more than half a view.
  [[nodiscard]] bool merge(std::span<const SampledPeer> offered, Rng& rng);

  const std::vector<SampledPeer>& view() const { return view_; }

  void persist(Archive& archive);

 private:
  bool is_sound(std::span<const SampledPeer> offered) const;
  void draw(Rng& rng);

  PeerSamplingOptions options_;
  PeerId self_;
  std::vector<PeerId> contacts_;
  std::vector<SampledPeer> view_;
};

}  // namespace hearsay

#include "node/protocols/peer_sampling.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hearsay {
namespace {

// More exchanges than any run has.
constexpr std::int32_t kOldest = 1'000'000'000;

/// The `count` oldest, youngest of them first, behind all others; these keep their order.
void move_oldest_behind(std::vector<SampledPeer>& peers, std::size_t count) {
  std::vector<SampledPeer> by_age = peers;
  std::ranges::stable_sort(by_age, {}, &SampledPeer::age);
  by_age.erase(by_age.begin(), by_age.end() - static_cast<std::ptrdiff_t>(count));
  std::erase_if(peers,
                [&](const SampledPeer& peer) { return std::ranges::count(by_age, peer) > 0; });
  peers.insert(peers.end(), by_age.begin(), by_age.end());
}

/// Keeps the youngest entry of every peer, at the place of its first.
void keep_youngest(std::vector<SampledPeer>& peers) {
  std::vector<SampledPeer> kept;
  for (const SampledPeer& peer : peers) {
    const auto same = std::ranges::find(kept, peer.id, &SampledPeer::id);
    if (same == kept.end()) {
      kept.push_back(peer);
    } else {
      same->age = std::min(same->age, peer.age);
    }
  }
  peers = std::move(kept);
}

}  // namespace

PeerSampling::PeerSampling(const PeerSamplingOptions& options, PeerId self,
                           std::vector<PeerId> contacts, Rng& rng)
    : options_(options), self_(self), contacts_(std::move(contacts)) {
  draw(rng);
}

void PeerSampling::draw(Rng& rng) {
  std::vector<PeerId> drawn = contacts_;
  rng.shuffle(std::span(drawn));
  drawn.resize(std::min(drawn.size(), static_cast<std::size_t>(options_.view)));
  view_.clear();
  for (const PeerId id : drawn) view_.push_back({.id = id, .age = 0});
}

std::optional<PeerId> PeerSampling::take_partner(Rng& rng) {
  if (view_.empty()) draw(rng);
  if (view_.empty()) return std::nullopt;
  const auto oldest = std::ranges::max_element(view_, {}, &SampledPeer::age);
  const PeerId id = oldest->id;
  view_.erase(oldest);
  return id;
}

std::optional<PeerId> PeerSampling::pick(Rng& rng) const {
  if (view_.empty()) return std::nullopt;
  return view_[rng.below(view_.size())].id;
}

std::vector<SampledPeer> PeerSampling::offer(Rng& rng) {
  rng.shuffle(std::span(view_));
  const auto healing = std::min(static_cast<std::size_t>(options_.healing), view_.size());
  move_oldest_behind(view_, healing);
  std::vector<SampledPeer> offered = {{.id = self_, .age = 0}};
  const std::size_t others =
      std::min(view_.size(), static_cast<std::size_t>(options_.view / 2 - 1));
  offered.insert(offered.end(), view_.begin(), view_.begin() + static_cast<std::ptrdiff_t>(others));
  return offered;
}

bool PeerSampling::is_sound(std::span<const SampledPeer> offered) const {
  if (offered.size() > static_cast<std::size_t>(options_.view / 2)) return false;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const SampledPeer& peer = offered[i];
    if (peer.age < 0 || peer.age > kOldest) return false;
    if (peer.id != self_ && !std::ranges::binary_search(contacts_, peer.id)) return false;
    if (std::ranges::count(offered.first(i), peer.id, &SampledPeer::id) > 0) return false;
  }
  return true;
}

bool PeerSampling::merge(std::span<const SampledPeer> offered, Rng& rng) {
  if (!is_sound(offered)) return false;
  view_.insert(view_.end(), offered.begin(), offered.end());
  std::erase_if(view_, [this](const SampledPeer& peer) { return peer.id == self_; });
  keep_youngest(view_);
  const auto surplus = [this] {
    const auto size = static_cast<std::ptrdiff_t>(view_.size());
    return std::max<std::ptrdiff_t>(0, size - options_.view);
  };
  const auto healed = std::min<std::ptrdiff_t>(options_.healing, surplus());
  move_oldest_behind(view_, static_cast<std::size_t>(healed));
  view_.resize(view_.size() - static_cast<std::size_t>(healed));
  const auto swapped = std::min<std::ptrdiff_t>(options_.swapping, surplus());
  view_.erase(view_.begin(), view_.begin() + swapped);
  while (surplus() > 0) {
    view_.erase(view_.begin() + static_cast<std::ptrdiff_t>(rng.below(view_.size())));
  }
  for (SampledPeer& peer : view_) ++peer.age;
  return true;
}

void PeerSampling::persist(Archive& archive) { archive(view_); }

}  // namespace hearsay

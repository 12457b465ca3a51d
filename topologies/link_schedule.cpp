#include "topologies/link_schedule.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

RoundLinks::RoundLinks(const std::vector<std::vector<PeerId>>& out)
    : out_offsets_(out.size() + 1), in_offsets_(out.size() + 1) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    receivers_.insert(receivers_.end(), out[i].begin(), out[i].end());
    out_offsets_[i + 1] = receivers_.size();
    const auto mine = std::span(receivers_).subspan(out_offsets_[i]);
    std::ranges::sort(mine);
    HEARSAY_CHECK(std::ranges::adjacent_find(mine) == mine.end());
    for (const PeerId to : mine) {
      HEARSAY_CHECK(to >= 0 && static_cast<std::size_t>(to) < out.size());
      HEARSAY_CHECK(static_cast<std::size_t>(to) != i);
      ++in_offsets_[static_cast<std::size_t>(to) + 1];
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) in_offsets_[i + 1] += in_offsets_[i];
  senders_.resize(receivers_.size());
  std::vector<std::size_t> next(in_offsets_.begin(), in_offsets_.end() - 1);
  for (PeerId from = 0; static_cast<std::size_t>(from) < out.size(); ++from) {
    for (const PeerId to : receivers(from)) {
      const auto slot = static_cast<std::size_t>(to);
      const auto heard = static_cast<double>(in_offsets_[slot + 1] - in_offsets_[slot]);
      senders_[next[slot]++] = {.from = from, .weight = 1.0 / (1.0 + heard)};
    }
  }
}

std::span<const PeerId> RoundLinks::receivers(PeerId from) const {
  const auto i = static_cast<std::size_t>(from);
  return std::span(receivers_).subspan(out_offsets_[i], out_offsets_[i + 1] - out_offsets_[i]);
}

std::span<const WeightedLink> RoundLinks::senders(PeerId to) const {
  const auto i = static_cast<std::size_t>(to);
  return std::span(senders_).subspan(in_offsets_[i], in_offsets_[i + 1] - in_offsets_[i]);
}

std::shared_ptr<const RoundLinks> CachedSchedule::links(int round) const {
  HEARSAY_CHECK(round >= 0);
  const std::lock_guard lock(mutex_);
  auto& [cached, links] = recent_[static_cast<std::size_t>(round) % kRounds];
  if (cached != round) {
    links = draw(round);
    cached = round;
  }
  return links;
}

}  // namespace hearsay

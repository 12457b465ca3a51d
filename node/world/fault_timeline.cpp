#include "node/world/fault_timeline.hpp"

#include <algorithm>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/digest.hpp"

namespace hearsay {

bool FaultTimeline::is_empty() const {
  return records_.empty() && partitions_.empty() && notes_.empty();
}

const FaultTimeline::PeerRecord* FaultTimeline::record(PeerId peer) const {
  if (record_of_peer_.empty()) return nullptr;
  HEARSAY_CHECK(peer >= 0);
  HEARSAY_CHECK(static_cast<std::size_t>(peer) < record_of_peer_.size());
  const std::int32_t index = record_of_peer_[static_cast<std::size_t>(peer)];
  return index < 0 ? nullptr : &records_[static_cast<std::size_t>(index)];
}

std::span<const PeerChange> FaultTimeline::changes(PeerId peer) const {
  const PeerRecord* const known = record(peer);
  if (known == nullptr) return {};
  return known->changes;
}

bool FaultTimeline::is_present_at_start(PeerId peer) const {
  const PeerRecord* const known = record(peer);
  return known == nullptr || known->down.empty() || known->down.front().begin >= SimTime{};
}

bool FaultTimeline::is_up(PeerId peer, SimTime time) const {
  return is_up_throughout(peer, time, time);
}

bool FaultTimeline::is_up_throughout(PeerId peer, SimTime first, SimTime last) const {
  const PeerRecord* const known = record(peer);
  return known == nullptr || !any_within(known->down, first, last);
}

SimTime FaultTimeline::thaw_time(PeerId peer, SimTime time) const {
  const PeerRecord* const known = record(peer);
  if (known == nullptr) return time;
  const TimeInterval* const frozen = first_not_over(known->frozen, time);
  return frozen != nullptr && frozen->begin <= time ? frozen->end : time;
}

SimTime FaultTimeline::finish(PeerId peer, SimTime start, SimTime work) const {
  const PeerRecord* const known = record(peer);
  return known == nullptr ? add_saturating(start, work) : known->pace.finish(start, work);
}

bool FaultTimeline::owns_data(PeerId peer, SimTime time) const {
  const PeerRecord* const known = record(peer);
  return known == nullptr || time < known->data_lost;
}

bool FaultTimeline::is_link_down_within(PeerId a, PeerId b, SimTime first, SimTime last) const {
  const auto [low, high] = std::minmax(a, b);
  const auto link = std::ranges::lower_bound(
      links_, std::pair(low, high), {},
      [](const LinkRecord& candidate) { return std::pair(candidate.low, candidate.high); });
  return link != links_.end() && link->low == low && link->high == high &&
         any_within(link->down, first, last);
}

bool FaultTimeline::is_connected_throughout(PeerId a, PeerId b, SimTime first, SimTime last) const {
  if (a == b) return true;
  const PeerRecord* const of_a = record(a);
  const PeerRecord* const of_b = record(b);
  if (of_a != nullptr && any_within(of_a->isolated, first, last)) return false;
  if (of_b != nullptr && any_within(of_b->isolated, first, last)) return false;
  const bool may_have_link_downs =
      of_a != nullptr && of_b != nullptr && of_a->has_link_downs && of_b->has_link_downs;
  if (may_have_link_downs && is_link_down_within(a, b, first, last)) return false;
  if (partitions_.empty()) return true;
  auto partition = std::ranges::upper_bound(
      partitions_, first, {}, [](const Partition& candidate) { return candidate.when.end; });
  for (; partition != partitions_.end() && partition->when.begin <= last; ++partition) {
    const std::vector<std::int32_t>& groups = partition->group_of_peer;
    if (groups[static_cast<std::size_t>(a)] != groups[static_cast<std::size_t>(b)]) return false;
  }
  return true;
}

bool FaultTimeline::corrupts(PeerId from, std::uint64_t sequence, SimTime time) const {
  const PeerRecord* const known = record(from);
  if (known == nullptr || known->corruption.empty()) return false;
  const auto next = std::ranges::upper_bound(known->corruption, time, {}, &Corruption::begin);
  if (next == known->corruption.begin()) return false;
  const std::uint64_t bits =
      chain(chain(corruption_key_, static_cast<std::uint64_t>(from)), sequence);
  return static_cast<double>(bits >> 11) * 0x1.0p-53 < (next - 1)->share;
}

SimTime FaultTimeline::local_time(PeerId peer, SimTime time) const {
  const PeerRecord* const known = record(peer);
  return known == nullptr ? time : known->clock.local_time(time);
}

SimTime FaultTimeline::timer_due(PeerId peer, SimTime now, SimTime delay) const {
  const PeerRecord* const known = record(peer);
  return known == nullptr ? add_saturating(now, delay) : known->clock.timer_due(now, delay);
}

}  // namespace hearsay

#include "node/world/fault_timeline_builder.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

void check_interval(const TimeInterval& when) {
  HEARSAY_CHECK(when.begin >= SimTime{});
  HEARSAY_CHECK(when.begin < when.end);
}

}  // namespace

FaultTimelineBuilder::FaultTimelineBuilder(int num_peers, const Rng& rng)
    : num_peers_(num_peers), corruption_key_(rng.split("corruption").next()) {
  HEARSAY_CHECK(num_peers > 0);
}

FaultTimelineBuilder::PeerFaults& FaultTimelineBuilder::faults_of(PeerId peer) {
  HEARSAY_CHECK(peer >= 0);
  HEARSAY_CHECK(peer < num_peers_);
  if (index_of_peer_.empty()) index_of_peer_.assign(static_cast<std::size_t>(num_peers_), -1);
  std::int32_t& index = index_of_peer_[static_cast<std::size_t>(peer)];
  if (index < 0) {
    index = static_cast<std::int32_t>(peers_.size());
    peers_.emplace_back();
  }
  return peers_[static_cast<std::size_t>(index)];
}

void FaultTimelineBuilder::add_down(PeerId peer, TimeInterval when, Departure departure) {
  if (when.begin != kBeforeStart || departure != Departure::kLeave) check_interval(when);
  faults_of(peer).down.push_back({when, departure});
}

void FaultTimelineBuilder::add_freeze(PeerId peer, TimeInterval when) {
  check_interval(when);
  faults_of(peer).frozen.push_back(when);
}

void FaultTimelineBuilder::add_slow_down(PeerId peer, TimeInterval when, double factor) {
  check_interval(when);
  HEARSAY_CHECK(factor > 0.0);
  faults_of(peer).slow.push_back({when, factor});
}

void FaultTimelineBuilder::add_isolation(PeerId peer, TimeInterval when) {
  check_interval(when);
  faults_of(peer).isolated.push_back(when);
}

void FaultTimelineBuilder::add_link_down(PeerId a, PeerId b, TimeInterval when) {
  check_interval(when);
  HEARSAY_CHECK(a != b);
  for (const PeerId peer : {a, b}) faults_of(peer).has_link_downs = true;
  links_.push_back({std::min(a, b), std::max(a, b), when});
}

void FaultTimelineBuilder::add_partition(std::vector<std::int32_t> group_of_peer,
                                         TimeInterval when) {
  check_interval(when);
  HEARSAY_CHECK(group_of_peer.size() == static_cast<std::size_t>(num_peers_));
  partitions_.push_back({when, std::move(group_of_peer)});
}

void FaultTimelineBuilder::add_corruption(PeerId peer, TimeInterval when, double share) {
  check_interval(when);
  HEARSAY_CHECK(share >= 0.0);
  HEARSAY_CHECK(share <= 1.0);
  faults_of(peer).corruption.push_back({when, share});
}

void FaultTimelineBuilder::add_data_loss(PeerId peer, SimTime time) {
  HEARSAY_CHECK(time >= SimTime{});
  SimTime& lost = faults_of(peer).data_lost;
  lost = std::min(lost, time);
}

void FaultTimelineBuilder::set_clock(PeerId peer, double rate, SimTime offset) {
  faults_of(peer).clock = SkewedClock(rate, offset);
}

void FaultTimelineBuilder::add_note(WorldNote note) { notes_.push_back(std::move(note)); }

std::vector<FaultTimelineBuilder::Down> FaultTimelineBuilder::united(std::vector<Down> downs) {
  std::ranges::stable_sort(downs, [](const Down& a, const Down& b) {
    return std::tuple(a.when.begin, b.departure) < std::tuple(b.when.begin, a.departure);
  });
  std::vector<Down> result;
  for (const Down& down : downs) {
    if (result.empty() || down.when.begin > result.back().when.end) {
      result.push_back(down);
      continue;
    }
    Down& last = result.back();
    last.when.end = std::max(last.when.end, down.when.end);
    const bool forgets = down.departure != Departure::kCrash;
    if (last.departure == Departure::kCrash && forgets) {
      last.departure = Departure::kCrashWithStateLoss;
    }
  }
  return result;
}

std::vector<PeerChange> FaultTimelineBuilder::changes_of(const std::vector<Down>& downs,
                                                         const std::vector<TimeInterval>& frozen) {
  std::vector<PeerChange> changes;
  for (const auto& [when, departure] : downs) {
    const bool leaves = departure == Departure::kLeave;
    const PeerChangeKind going = leaves ? PeerChangeKind::kLeave
                                 : departure == Departure::kCrash
                                     ? PeerChangeKind::kCrash
                                     : PeerChangeKind::kCrashWithStateLoss;
    if (when.begin >= SimTime{}) changes.push_back({when.begin, going});
    if (when.end == SimTime::max()) continue;
    changes.push_back({when.end, leaves ? PeerChangeKind::kJoin : PeerChangeKind::kRestart});
  }
  for (const TimeInterval& freeze : frozen) {
    changes.push_back({freeze.begin, PeerChangeKind::kFreeze});
    const bool ends_by_going_down = std::ranges::any_of(
        downs, [&freeze](const Down& down) { return down.when.begin == freeze.end; });
    if (freeze.end == SimTime::max() || ends_by_going_down) continue;
    changes.push_back({freeze.end, PeerChangeKind::kThaw});
  }
  std::ranges::stable_sort(changes, {}, &PeerChange::time);
  return changes;
}

std::vector<FaultTimeline::Corruption> FaultTimelineBuilder::corruption_of(
    const std::vector<Corruption>& spans) {
  std::vector<SimTime> times;
  for (const Corruption& span : spans) {
    times.push_back(span.when.begin);
    times.push_back(span.when.end);
  }
  std::ranges::sort(times);
  const auto repeated = std::ranges::unique(times);
  times.erase(repeated.begin(), repeated.end());
  std::vector<FaultTimeline::Corruption> result;
  for (const SimTime time : times) {
    double altered = 0.0;
    for (const auto& [when, share] : spans) {
      if (when.begin <= time && time < when.end) altered += share - altered * share;
    }
    result.push_back({time, altered});
  }
  return result;
}

FaultTimeline::PeerRecord FaultTimelineBuilder::record_of(const PeerFaults& faults) {
  FaultTimeline::PeerRecord record;
  const std::vector<Down> downs = united(faults.down);
  for (const Down& down : downs) record.down.push_back(down.when);
  record.frozen = without(merged(faults.frozen), record.down);
  record.changes = changes_of(downs, record.frozen);
  record.isolated = merged(faults.isolated);
  record.corruption = corruption_of(faults.corruption);
  record.data_lost = faults.data_lost;
  record.pace = Pace(faults.slow, record.frozen);
  record.clock = faults.clock;
  record.has_link_downs = faults.has_link_downs;
  return record;
}

std::vector<FaultTimeline::LinkRecord> FaultTimelineBuilder::link_records() const {
  std::vector<LinkDown> sorted = links_;
  const auto ends = [](const auto& link) { return std::pair(link.low, link.high); };
  std::ranges::stable_sort(sorted, {}, ends);
  std::vector<FaultTimeline::LinkRecord> records;
  for (const LinkDown& link : sorted) {
    if (records.empty() || ends(records.back()) != ends(link)) {
      records.push_back({link.low, link.high, {}});
    }
    records.back().down.push_back(link.when);
  }
  for (FaultTimeline::LinkRecord& record : records) record.down = merged(std::move(record.down));
  return records;
}

FaultTimeline FaultTimelineBuilder::build() const {
  FaultTimeline timeline;
  timeline.record_of_peer_ = index_of_peer_;
  timeline.records_.reserve(peers_.size());
  for (const PeerFaults& faults : peers_) timeline.records_.push_back(record_of(faults));
  timeline.links_ = link_records();
  timeline.partitions_ = partitions_;
  std::ranges::sort(timeline.partitions_, {},
                    [](const FaultTimeline::Partition& partition) { return partition.when.begin; });
  for (std::size_t i = 1; i < timeline.partitions_.size(); ++i) {
    HEARSAY_CHECK(timeline.partitions_[i - 1].when.end <= timeline.partitions_[i].when.begin);
  }
  timeline.notes_ = notes_;
  std::ranges::stable_sort(timeline.notes_, {}, &WorldNote::time);
  timeline.corruption_key_ = corruption_key_;
  return timeline;
}

}  // namespace hearsay

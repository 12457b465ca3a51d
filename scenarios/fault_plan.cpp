#include "scenarios/fault_plan.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "node/world/availability_trace.hpp"
#include "node/world/fault_timeline_builder.hpp"
#include "scenarios/fault_checks.hpp"
#include "scenarios/fault_script.hpp"
#include "scenarios/quantities.hpp"

namespace hearsay {
namespace {

using Peers = std::vector<PeerId>;

Departure departure_of(StoredState state) {
  return state == StoredState::kKept ? Departure::kCrash : Departure::kCrashWithStateLoss;
}

template <class Action>
TimeInterval interval_of(const Action& action) {
  return {action.at, action.until.value_or(SimTime::max())};
}

/// `[0-3, 7]`
std::string shown_ids(const std::vector<PeerSelector::IdRange>& ids) {
  return print_value(PeerSelector{.kind = PeerSelector::Kind::kList, .ids = ids});
}

std::string shown_peers(const Peers& ascending) {
  std::vector<PeerSelector::IdRange> ids;
  for (const PeerId peer : ascending) {
    if (ids.empty() || ids.back().last + 1 != peer) ids.push_back({peer, peer});
    ids.back().last = peer;
  }
  return shown_ids(ids);
}

/// The peers at most `hops` from one of `centers`, ascending.
Peers region(const Graph& graph, const Peers& centers, int hops) {
  std::vector<bool> reached(static_cast<std::size_t>(graph.num_peers()), false);
  for (const PeerId center : centers) reached[static_cast<std::size_t>(center)] = true;
  Peers all = centers;
  Peers frontier = centers;
  for (int hop = 0; hop < hops && !frontier.empty(); ++hop) {
    Peers next;
    for (const PeerId peer : frontier) {
      for (const PeerId neighbor : graph.neighbors(peer)) {
        if (reached[static_cast<std::size_t>(neighbor)]) continue;
        reached[static_cast<std::size_t>(neighbor)] = true;
        next.push_back(neighbor);
      }
    }
    all.insert(all.end(), next.begin(), next.end());
    frontier = std::move(next);
  }
  std::ranges::sort(all);
  return all;
}

class Planner {
 public:
  Planner(const std::vector<Fault>& faults, const SelectionContext& context)
      : faults_(faults),
        context_(context),
        num_peers_(context.graph.num_peers()),
        builder_(num_peers_, context.rng) {}

  FaultTimeline plan() {
    check_faults(faults_, num_peers_);
    choose();
    apply_script();
    apply_partitions();
    for (item_ = 0; item_ < faults_.size(); ++item_) {
      std::visit([this](const auto& action) { apply(action); }, faults_[item_].action);
    }
    return builder_.build();
  }

 private:
  [[noreturn]] void fail(std::string_view key, const std::string& message) const {
    throw FaultMistake(item_, key, message);
  }

  void choose() {
    std::map<std::string_view, std::uint64_t> ordinals;
    chosen_.resize(faults_.size());
    for (item_ = 0; item_ < faults_.size(); ++item_) {
      const Fault& fault = faults_[item_];
      const std::string_view action = action_of(fault);
      streams_.push_back(context_.rng.split(action, ordinals[action]++));
      const PeerSelector* const selector = selector_of(fault);
      if (selector == nullptr) continue;
      SelectionContext own = context_;
      own.rng = streams_.back().split("peers");
      chosen_[item_] = select(*selector, own);
      if (chosen_[item_].empty()) fail(selector_key(fault), "chooses no peer; the least is one");
    }
  }

  const Peers& chosen() const { return chosen_[item_]; }

  /// What the item draws for one peer.
  Rng stream_of(PeerId peer) const {
    return streams_[item_].split("peer", static_cast<std::uint64_t>(peer));
  }

  void note(const TimeInterval& when, std::string_view begins, std::string_view ends,
            const std::string& details) {
    builder_.add_note({when.begin, std::string(begins), details});
    if (when.end != SimTime::max()) builder_.add_note({when.end, std::string(ends), details});
  }

  void apply_script() {
    const FaultScript script = play_script(faults_, chosen_);
    for (const auto& [peer, when, departure] : script.downs) {
      builder_.add_down(peer, when, departure);
    }
    for (const auto& [peer, when] : script.freezes) builder_.add_freeze(peer, when);
  }

  void apply_partitions() {
    for (const auto& [item, when] : partition_spans(faults_)) {
      const PeerGroups& sides = std::get<PartitionFault>(faults_[item].action).sides;
      builder_.add_partition(side_of_peer(sides, num_peers_), when);
      std::string details;
      for (const auto& side : sides.groups) {
        if (!details.empty()) details += ' ';
        details += shown_ids(side);
      }
      note(when, "partition", "heal", details);
    }
  }

  // In the script, or among the partitions.
  void apply(const CrashFault&) {}
  void apply(const RestartFault&) {}
  void apply(const LeaveFault&) {}
  void apply(const JoinFault&) {}
  void apply(const FreezeFault&) {}
  void apply(const PartitionFault&) {}
  void apply(const HealFault&) {}

  void apply(const SlowFault& slow) {
    for (const PeerId peer : chosen()) {
      builder_.add_slow_down(peer, interval_of(slow), slow.factor);
    }
  }

  void apply(const LinkDownFault& fault) {
    for (const auto& link : fault.links.groups) {
      builder_.add_link_down(link[0].first, link[1].first, interval_of(fault));
      note(interval_of(fault), "link_down", "link_up", shown_ids(link));
    }
  }

  void apply(const OutageFault& outage) {
    const Peers hit = region(context_.graph, chosen(), outage.hops);
    for (const PeerId peer : hit) builder_.add_isolation(peer, interval_of(outage));
    note(interval_of(outage), "outage", "outage_end", shown_peers(hit));
  }

  void apply(const FlashCrowdFault& crowd) {
    for (const PeerId peer : chosen()) {
      const double share = stream_of(peer).uniform();
      const auto wait =
          static_cast<std::int64_t>(share * static_cast<double>(crowd.over.nanoseconds));
      const SimTime joins = add_saturating(crowd.at, {wait});
      builder_.add_down(peer, {FaultTimelineBuilder::kBeforeStart, joins}, Departure::kLeave);
    }
  }

  void apply(const RollingRestartFault& fault) {
    SimTime begin = fault.at;
    for (const PeerId peer : chosen()) {
      if (begin == SimTime::max()) return;
      builder_.add_down(peer, {begin, add_saturating(begin, fault.down)},
                        departure_of(fault.state));
      begin = add_saturating(begin, fault.every);
    }
  }

  void apply(const CorruptFault& corrupt) {
    for (const PeerId peer : chosen()) {
      builder_.add_corruption(peer, interval_of(corrupt), corrupt.share.value);
    }
  }

  void apply(const LoseDataFault& loss) {
    for (const PeerId peer : chosen()) builder_.add_data_loss(peer, loss.at);
    builder_.add_note({loss.at, "lose_data", shown_peers(chosen())});
  }

  void apply(const ClockSkewFault& skew) {
    skewed_by_.resize(static_cast<std::size_t>(num_peers_), faults_.size());
    for (const PeerId peer : chosen()) {
      std::size_t& skewed_by = skewed_by_[static_cast<std::size_t>(peer)];
      if (skewed_by < faults_.size()) {
        fail("clock_skew", "the clock of peer " + std::to_string(peer) + " is skewed already, by " +
                               FaultMistake::path_of(skewed_by, "clock_skew"));
      }
      skewed_by = item_;
      const double rate = skew.rate + skew.sigma * stream_of(peer).normal();
      builder_.set_clock(peer, std::clamp(rate, -0.9, 10.0), skew.offset);
    }
  }

  void apply(const SessionsFault& sessions) {
    std::size_t left = kMaxOffTimes;
    for (const PeerId peer : chosen()) {
      const auto downs =
          draw_down_times(sessions.sessions, sessions.start, sessions.until, left, stream_of(peer));
      left -= downs.size();
      if (left == 0) {
        fail("sessions", std::to_string(kMaxOffTimes) + " off times or more by " +
                             print_value(sessions.until) +
                             "; take longer times, fewer peers or an earlier until");
      }
      for (const TimeInterval& down : downs) add_generated(peer, down, sessions.state);
    }
  }

  void apply(const TraceFault& trace) {
    constexpr TimeInterval kAlways{FaultTimelineBuilder::kBeforeStart, SimTime::max()};
    for (auto& [peer, up] : read_availability(trace.file, num_peers_)) {
      // Who is up from time 0 on was there before.
      if (up.front().begin == SimTime{}) up.front().begin = kAlways.begin;
      for (const TimeInterval& down : without({&kAlways, 1}, up)) {
        add_generated(peer, down, trace.state);
      }
    }
  }

  /// Absent if it is down from before the start, else crashed.
  void add_generated(PeerId peer, const TimeInterval& down, StoredState state) {
    const bool absent = down.begin == FaultTimelineBuilder::kBeforeStart;
    builder_.add_down(peer, down, absent ? Departure::kLeave : departure_of(state));
  }

  const std::vector<Fault>& faults_;
  const SelectionContext& context_;
  int num_peers_;
  FaultTimelineBuilder builder_;
  std::size_t item_ = 0;
  std::vector<Peers> chosen_;
  std::vector<Rng> streams_;
  std::vector<std::size_t> skewed_by_;  ///< Per peer: which item; faults_.size(): none.
};

}  // namespace

FaultTimeline make_timeline(const std::vector<Fault>& faults, const SelectionContext& context) {
  if (faults.empty()) return {};
  return Planner(faults, context).plan();
}

}  // namespace hearsay

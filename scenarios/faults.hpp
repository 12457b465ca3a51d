#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/time.hpp"
#include "node/world/sessions.hpp"
#include "scenarios/peer_groups.hpp"
#include "scenarios/peer_selector.hpp"

/// What a scenario's `faults:` lists: each item is a mapping with the key of one action
/// and its parameters, such as
///   {at: 30s, crash: {highest_degree: 10%}}
///   {at: 60s, partition: [[0-7], [8-15]], until: 90s}
/// An interval is closed at `at` and open at `until`; without `until` it never ends.
/// Crash, restart, leave, join and freeze are scripted: a peer must be in a state in which
/// they can happen, by what these five say of it. Sessions, traces, flash crowds and rolling
/// restarts are generated: their down times are united with all others
/// (fault_timeline_builder.hpp).

namespace hearsay {

/// Of times in the list.
inline constexpr Range kTimeRange = between(0, kLatestTimeS);
inline constexpr Range kPositiveTimeRange{.low = 0, .high = kLatestTimeS, .low_open = true};

/// What a peer that went down silently finds when it comes back.
enum class StoredState : std::uint8_t { kKept, kLost };

constexpr auto enum_names(StoredState) {
  return std::array{EnumName{StoredState::kKept, "kept"}, EnumName{StoredState::kLost, "lost"}};
}

struct CrashFault {
  static constexpr std::string_view kKind = "crash";
  static constexpr std::string_view kSummary = "Peers stop without a word.";

  SimTime at;
  PeerSelector peers;
  StoredState state = StoredState::kKept;
  std::optional<SimTime> until;

  friend bool operator==(const CrashFault&, const CrashFault&) = default;
};

struct RestartFault {
  static constexpr std::string_view kKind = "restart";
  static constexpr std::string_view kSummary = "Crashed peers come back.";

  SimTime at;
  PeerSelector peers;

  friend bool operator==(const RestartFault&, const RestartFault&) = default;
};

struct LeaveFault {
  static constexpr std::string_view kKind = "leave";
  static constexpr std::string_view kSummary = "Peers say that they go, go, and forget all.";

  SimTime at;
  PeerSelector peers;

  friend bool operator==(const LeaveFault&, const LeaveFault&) = default;
};

struct JoinFault {
  static constexpr std::string_view kKind = "join";
  static constexpr std::string_view kSummary =
      "Peers come; those of whom nothing was said before are absent until then.";

  SimTime at;
  PeerSelector peers;

  friend bool operator==(const JoinFault&, const JoinFault&) = default;
};

struct FreezeFault {
  static constexpr std::string_view kKind = "freeze";
  static constexpr std::string_view kSummary =
      "Peers neither compute nor read; what is sent to them waits.";

  SimTime at;
  PeerSelector peers;
  std::optional<SimTime> until;

  friend bool operator==(const FreezeFault&, const FreezeFault&) = default;
};

struct SlowFault {
  static constexpr std::string_view kKind = "slow";
  static constexpr std::string_view kSummary = "Peers compute more slowly; factors multiply.";

  SimTime at;
  PeerSelector peers;
  double factor = 2.0;
  std::optional<SimTime> until;

  friend bool operator==(const SlowFault&, const SlowFault&) = default;
};

struct LinkDownFault {
  static constexpr std::string_view kKind = "link_down";
  static constexpr std::string_view kSummary = "Pairs of peers cannot reach each other.";

  SimTime at;
  PeerGroups links;
  std::optional<SimTime> until;

  friend bool operator==(const LinkDownFault&, const LinkDownFault&) = default;
};

/// At most one partition at a time.
struct PartitionFault {
  static constexpr std::string_view kKind = "partition";
  static constexpr std::string_view kSummary =
      "Peers reach only those on their side; those on none are one more side.";

  SimTime at;
  PeerGroups sides;
  std::optional<SimTime> until;

  friend bool operator==(const PartitionFault&, const PartitionFault&) = default;
};

enum class HealScope : std::uint8_t { kAll };

constexpr auto enum_names(HealScope) { return std::array{EnumName{HealScope::kAll, "all"}}; }

struct HealFault {
  static constexpr std::string_view kKind = "heal";
  static constexpr std::string_view kSummary = "Ends the partition that has no until.";

  SimTime at;
  HealScope scope = HealScope::kAll;

  friend bool operator==(const HealFault&, const HealFault&) = default;
};

struct OutageFault {
  static constexpr std::string_view kKind = "outage";
  static constexpr std::string_view kSummary =
      "Regional outage: the chosen peers and all near them lose all their links.";

  SimTime at;
  PeerSelector peers;
  int hops = 1;
  std::optional<SimTime> until;

  friend bool operator==(const OutageFault&, const OutageFault&) = default;
};

/// Each peer's time is drawn uniformly in [at, at + over).
struct FlashCrowdFault {
  static constexpr std::string_view kKind = "flash_crowd";
  static constexpr std::string_view kSummary = "Peers are absent until they join in a rush.";

  SimTime at;
  PeerSelector peers;
  SimTime over{5'000'000'000};

  friend bool operator==(const FlashCrowdFault&, const FlashCrowdFault&) = default;
};

/// The n-th chosen peer, from 0, by id, is down in [at + n every, at + n every + down).
struct RollingRestartFault {
  static constexpr std::string_view kKind = "rolling_restart";
  static constexpr std::string_view kSummary = "Peers crash and restart one after another.";

  SimTime at;
  PeerSelector peers;
  SimTime down{2'000'000'000};
  SimTime every{1'000'000'000};
  StoredState state = StoredState::kKept;

  friend bool operator==(const RollingRestartFault&, const RollingRestartFault&) = default;
};

struct CorruptFault {
  static constexpr std::string_view kKind = "corrupt";
  static constexpr std::string_view kSummary = "Messages that peers send are altered.";

  SimTime at;
  PeerSelector peers;
  Fraction share{0.01};
  std::optional<SimTime> until;

  friend bool operator==(const CorruptFault&, const CorruptFault&) = default;
};

/// They own no training sample from then on: they take no local step, but for those under
/// way, and weigh nothing as data holders; they go on as relays. Roles are those of the start.
struct LoseDataFault {
  static constexpr std::string_view kKind = "lose_data";
  static constexpr std::string_view kSummary = "Peers lose their training data for good.";

  SimTime at;
  PeerSelector peers;

  friend bool operator==(const LoseDataFault&, const LoseDataFault&) = default;
};

/// A clock gains rate + sigma z seconds per second, z ~ N(0, 1) drawn per peer; the sum is
/// kept within [-0.9, 10].
struct ClockSkewFault {
  static constexpr std::string_view kKind = "clock_skew";
  static constexpr std::string_view kSummary = "Peers' clocks go wrong, during all of the run.";

  PeerSelector peers;
  double sigma = 0.0;
  double rate = 0.0;
  SimTime offset;

  friend bool operator==(const ClockSkewFault&, const ClockSkewFault&) = default;
};

struct SessionsFault {
  static constexpr std::string_view kKind = "sessions";
  static constexpr std::string_view kSummary =
      "Peers crash and restart at random, each by itself; one down at the start is absent.";

  SessionOptions sessions;
  PeerSelector peers;
  SessionStart start = SessionStart::kStationary;
  StoredState state = StoredState::kKept;
  SimTime until{86'400'000'000'000};

  friend bool operator==(const SessionsFault&, const SessionsFault&) = default;
};

/// Between its up intervals a peer has crashed; before the first it is absent, after the
/// last it does not come back. Peers that the file does not name are up.
struct TraceFault {
  static constexpr std::string_view kKind = "trace";
  static constexpr std::string_view kSummary = "Peers are up when a file says so.";

  std::string file;
  StoredState state = StoredState::kKept;

  friend bool operator==(const TraceFault&, const TraceFault&) = default;
};

using FaultAction = std::variant<CrashFault, RestartFault, LeaveFault, JoinFault, FreezeFault,
                                 SlowFault, LinkDownFault, PartitionFault, HealFault, OutageFault,
                                 FlashCrowdFault, RollingRestartFault, CorruptFault, LoseDataFault,
                                 ClockSkewFault, SessionsFault, TraceFault>;

/// One item.
struct Fault {
  FaultAction action;

  friend bool operator==(const Fault&, const Fault&) = default;
};

/// The key of the action, e.g. "crash".
std::string_view action_of(const Fault& fault);

/// Whom it chooses; null for actions that choose nobody.
const PeerSelector* selector_of(const Fault& fault);

/// The key at which the selector stands; empty for actions that choose nobody.
std::string_view selector_key(const Fault& fault);

template <class Visitor>
void describe(Visitor& visit, CrashFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it happens");
  visit.required("crash", fault.peers, "who");
  visit("state", fault.state, "what they find when they restart");
  visit("until", fault.until, kPositiveTimeRange,
        "when they restart; none: a later restart, or never");
}

template <class Visitor>
void describe(Visitor& visit, RestartFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it happens");
  visit.required("restart", fault.peers, "who");
}

template <class Visitor>
void describe(Visitor& visit, LeaveFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it happens");
  visit.required("leave", fault.peers, "who");
}

template <class Visitor>
void describe(Visitor& visit, JoinFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it happens");
  visit.required("join", fault.peers, "who");
}

template <class Visitor>
void describe(Visitor& visit, FreezeFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it begins");
  visit.required("freeze", fault.peers, "who");
  visit("until", fault.until, kPositiveTimeRange, "when they thaw; none: never");
}

template <class Visitor>
void describe(Visitor& visit, SlowFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it begins");
  visit.required("slow", fault.peers, "who");
  visit("factor", fault.factor, between(0.001, 1e6), "how many times as long all work takes");
  visit("until", fault.until, kPositiveTimeRange, "when it ends; none: never");
}

template <class Visitor>
void describe(Visitor& visit, LinkDownFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it begins");
  visit.required("link_down", fault.links, "pairs of peers, e.g. [[0, 1], [2, 3]]");
  visit("until", fault.until, kPositiveTimeRange, "when it ends; none: never");
}

template <class Visitor>
void describe(Visitor& visit, PartitionFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it begins");
  visit.required("partition", fault.sides, "the sides, e.g. [[0-7], [8-15]]");
  visit("until", fault.until, kPositiveTimeRange, "when it heals; none: a later heal, or never");
}

template <class Visitor>
void describe(Visitor& visit, HealFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it happens");
  visit.required("heal", fault.scope, "what");
}

template <class Visitor>
void describe(Visitor& visit, OutageFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it begins");
  visit.required("outage", fault.peers, "the centers of the regions");
  visit("hops", fault.hops, at_least(0), "how far in the graph a region reaches");
  visit("until", fault.until, kPositiveTimeRange, "when it ends; none: never");
}

template <class Visitor>
void describe(Visitor& visit, FlashCrowdFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when the first may join");
  visit.required("flash_crowd", fault.peers, "who");
  visit("over", fault.over, kTimeRange, "they join at random within this time");
}

template <class Visitor>
void describe(Visitor& visit, RollingRestartFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when the first crashes");
  visit.required("rolling_restart", fault.peers, "who, in the order of ids");
  visit("down", fault.down, kPositiveTimeRange, "how long each is down");
  visit("every", fault.every, kTimeRange, "time from one crash to the next");
  visit("state", fault.state, "what they find when they restart");
}

template <class Visitor>
void describe(Visitor& visit, CorruptFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it begins");
  visit.required("corrupt", fault.peers, "whose messages");
  visit("share", fault.share, between(0, 1), "share of messages altered");
  visit("until", fault.until, kPositiveTimeRange, "when it ends; none: never");
}

template <class Visitor>
void describe(Visitor& visit, LoseDataFault& fault) {
  visit.required("at", fault.at, kTimeRange, "when it happens");
  visit.required("lose_data", fault.peers, "who");
}

template <class Visitor>
void describe(Visitor& visit, ClockSkewFault& fault) {
  visit.required("clock_skew", fault.peers, "whose clocks, each at most once");
  visit("sigma", fault.sigma, between(0, 1), "deviation of the relative error of their rates");
  visit("rate", fault.rate, between(-0.9, 10), "relative error that all have, beside sigma");
  visit("offset", fault.offset, between(-kLatestTimeS, kLatestTimeS),
        "what they show at the start");
}

template <class Visitor>
void describe(Visitor& visit, SessionsFault& fault) {
  visit.required("sessions", fault.sessions, "how long peers stay, and stay away");
  visit("peers", fault.peers, "who");
  visit("start", fault.start, "first state: as after a long time, or up");
  visit("state", fault.state, "what they find when they restart");
  visit("until", fault.until, kPositiveTimeRange, "no off time begins at or after this");
}

template <class Visitor>
void describe(Visitor& visit, TraceFault& fault) {
  visit.required("trace", fault.file, "CSV file: peer,from,to in seconds, from the run's start");
  visit("state", fault.state, "what they find when they restart");
}

template <class Visitor>
void describe(Visitor& visit, Fault& fault) {
  visit.action(fault.action);
}

}  // namespace hearsay

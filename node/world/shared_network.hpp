#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "node/world/link_capacities.hpp"
#include "node/world/network_model.hpp"
#include "node/world/passage_options.hpp"

namespace hearsay {

/// How flows that meet on a link divide it.
enum class Sharing {
  kEqual,  ///< Equally.
  kRtt,    ///< In proportion to 1 / latency, as TCP connections do.
};

/// What a flow's latency and bandwidth are.
enum class FlowModel {
  kFluid,  ///< As given.
  kLv08,   ///< As a TCP connection sees them.
};

/// Flows share links. Every message is a flow over its sender's uplink, its receiver's
/// downlink and the backbone, if there is one: it takes its latency first, then crosses
/// all of them at once, at its share of the tightest, as in SimGrid. Shares are max-min
/// fair (fair_shares.hpp), so nothing waits: a message is received when its last byte
/// leaves. Messages of one pair of peers are flows side by side; a small one may pass a
/// large one that was sent before.
///
/// A message lost crosses the links all the same. One that is sent again is a new flow,
/// which pays the latency again.
///
/// Sharing in proportion to 1 / latency: Casanova, Marchal. A Network Model for
/// Simulation of Grid Application. LIP report 2002-40.
///
/// LV08 reckons what TCP takes for itself: with latency l and b bytes over one link of
/// bandwidth B,
///   13.01 * l + 1.05 * b / (0.97 * B),
/// 1.05 for the acknowledgements, which are charged to the links of the message. Shares
/// by latency are then in proportion to 1 / (l + sum over links of 20537 B / B_link).
/// What SimGrid 3.32 adds, a bound of 4 MiB / (2 l) on a flow's rate, is left out. So is
/// that its acknowledgements compete for the links of the way back: with much traffic both
/// ways over separate up- and downlinks the two differ by 10 % on average, up to 72 %.
///   Velho, Legrand. Accuracy Study and Improvement of Network Simulation in the SimGrid
///   Framework. SIMUTools 2009.
///   Velho, Schnorr, Casanova, Legrand. Flow-level network models: have we reached the
///   limits? INRIA report RR-7821, 2011.
///
/// With `tcp` (not with LV08) a message is a row of flows, one for each window that it has to
/// wait for (tcp_windows.hpp): the next one starts a round trip after the one before, or at its
/// end; from then on the link is full, and what is left is one flow.
///
/// A message that comes or goes usually changes the rates of few others, and costs as
/// little to simulate; with a tight backbone it changes all of them and costs as much.
///
/// Use: a link is in use while a flow crosses it. The wait is the longest time by which a
/// flow took longer than it would have alone. Not for parallel use: least_latency() is 0.
struct SharedOptions {
  static constexpr std::string_view kKind = "shared";
  static constexpr std::string_view kSummary = "Messages under way share links fairly (max-min).";

  PassageOptions passage{};
  LinkCapacities links{};
  Bandwidth backbone{};
  Sharing sharing = Sharing::kEqual;
  FlowModel model = FlowModel::kFluid;

  friend bool operator==(const SharedOptions&, const SharedOptions&) = default;
};

constexpr auto enum_names(Sharing) {
  return std::array{EnumName{Sharing::kEqual, "equal"}, EnumName{Sharing::kRtt, "rtt"}};
}

constexpr auto enum_names(FlowModel) {
  return std::array{EnumName{FlowModel::kFluid, "fluid"}, EnumName{FlowModel::kLv08, "lv08"}};
}

template <class Visitor>
void describe(Visitor& visit, SharedOptions& options) {
  describe(visit, options.passage);
  describe(visit, options.links);
  visit("backbone", options.backbone, at_least(1), "a link that all messages share");
  visit("sharing", options.sharing, "shares of a link: equal, or by 1 / latency");
  visit("model", options.model, "latency and bandwidth as given, or as TCP sees them");
}

/// Says so if the options contradict each other.
std::optional<std::string> infeasible(const SharedOptions& options, int num_peers);

/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, or if the latency matrix cannot be read (latencies.hpp).
std::unique_ptr<NetworkModel> make_network(const SharedOptions& options, int num_peers,
                                           const Rng& rng);

}  // namespace hearsay

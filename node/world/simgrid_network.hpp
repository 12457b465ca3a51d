#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"
#include "node/world/network_model.hpp"

namespace hearsay {

/// SimGrid's network/model.
enum class SimgridModel {
  kLv08,  ///< As a TCP connection sees latency and bandwidth; SimGrid's default.
  kCm02,  ///< Latency and bandwidth as given.
  kSmpi,  ///< Fitted to MPI over TCP on a cluster: factors depend on a message's size.
};

/// SimGrid 3.32 simulates the flows, on the platform of a file or on a star: every
/// message crosses its sender's uplink, the backbone, if there is one, and its receiver's
/// downlink. Peer i is the i-th host by name, compared byte by byte: h10 precedes h2.
///
/// With latency l and b bytes over one link of bandwidth B that is alone in both
/// directions, a message takes
///   L * l + b / min(F * B, 4 MiB / (2 l)),
/// where LV08 has L = 13.01 and F = 0.97, CM02 has L = F = 1. Flows that meet share a link
/// max-min fairly in proportion to 1 / l, LV08's to 1 / (l + sum over links of
/// 20537 B / B_link), SMPI's with 8775 B. With `crosstraffic` each flow also takes 5 % of
/// its rate from the links of the way back: over a link that carries both directions, such
/// as the backbone, that is b / (F * B / 1.05); and where the way back is saturated, a flow
/// gets no more than that link's share. All other settings are SimGrid's defaults,
/// unless the platform file sets them, but for its clock: events within 1 ns happen at
/// once, not within 10 us.
///   Casanova, Giersch, Legrand, Quinson, Suter. Versatile, Scalable, and Accurate
///   Simulation of Distributed Applications and Platforms. Journal of Parallel and
///   Distributed Computing 74(10), 2014, pages 2899-2917.
///   Velho, Schnorr, Casanova, Legrand. On the Validity of Flow-level TCP Network Models
///   for Grid and Cloud Simulations. ACM TOMACS 23(4), 2013.
///
/// Messages are delivered once and in full. A platform's bandwidths and latencies may
/// change in time; one that turns hosts or links off is refused, since that is what a
/// scenario's `faults` are for. Nothing waits on a downlink: a message is received when its
/// last byte arrives, which is also when it has left its sender.
///
/// Use: a link is in use while its peer has messages under way; waits are not measured.
/// Not for parallel use: least_latency() is 0. Cannot be saved.
struct SimgridOptions {
  static constexpr std::string_view kKind = "simgrid";
  static constexpr std::string_view kSummary = "SimGrid's flows, on a star or a platform file.";

  /// SimGrid XML file. Empty: the star.
  /// REQUIRES: latency, up, down and backbone are left alone if it is given.
  std::string platform;

  SimTime latency{20'000'000};
  Bandwidth up{};
  Bandwidth down{};
  Bandwidth backbone{};
  SimgridModel model = SimgridModel::kLv08;
  bool crosstraffic = true;

  friend bool operator==(const SimgridOptions&, const SimgridOptions&) = default;
};

constexpr auto enum_names(SimgridModel) {
  return std::array{EnumName{SimgridModel::kLv08, "lv08"}, EnumName{SimgridModel::kCm02, "cm02"},
                    EnumName{SimgridModel::kSmpi, "smpi"}};
}

template <class Visitor>
void describe(Visitor& visit, SimgridOptions& options) {
  visit("platform", options.platform, "SimGrid XML file, instead of a star");
  visit("latency", options.latency, between(0, kLongestDelayS),
        "time from sender to receiver of a first byte");
  visit("up", options.up, at_least(1), "uplink of every peer");
  visit("down", options.down, at_least(1), "downlink of every peer");
  visit("backbone", options.backbone, at_least(1), "a link that all messages share");
  visit("model", options.model, "SimGrid's network/model");
  visit("crosstraffic", options.crosstraffic, "whether flows take 5% of the way back");
}

/// Says so if a platform and a star are described at once.
std::optional<std::string> infeasible(const SimgridOptions& options, int num_peers);

/// Loads SimGrid's module and builds the network. Draws nothing. A few mistakes in a
/// platform file, such as a bandwidth file that is missing, make SimGrid abort the process.
/// REQUIRES: num_peers >= 1.
/// @throws UserError if infeasible, if the module cannot be loaded (loaded_module.hpp), if
///         the platform cannot be read, has fewer hosts than there are peers or turns some
///         off, or if this process has had such a network before: SimGrid can be used once
///         per process. advance() throws one if the platform has no route between two hosts.
std::unique_ptr<NetworkModel> make_network(const SimgridOptions& options, int num_peers,
                                           const Rng& rng);

}  // namespace hearsay

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/staleness.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

struct CompassGossipOptions {
  static constexpr std::string_view kKind = "compass_gossip";
  static constexpr std::string_view kSummary = "Gossip that times slow and fast peers together.";
  static constexpr bool kCommonRounds = false;

  int rounds = 50;
  int q_min = 20;
  int q_max = 100;
  double lambda = 1.2;
  double speed_momentum = 0.9;
  StalenessOptions staleness;

  friend bool operator==(const CompassGossipOptions&, const CompassGossipOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, CompassGossipOptions& options) {
  visit("rounds", options.rounds, at_least(0), "mixes of every peer; 0: until the end");
  visit("q_min", options.q_min, between(1, 10'000), "fewest local steps of a task");
  visit("q_max", options.q_max, between(1, 10'000), "most local steps of a task");
  visit("lambda", options.lambda, between(1, 10), "latest over expected duration of a group");
  visit("speed_momentum", options.speed_momentum, between(0, 1),
        "weight of a new measurement of the own speed");
  visit("staleness", options.staleness, "how the weight of a model falls with staleness");
}

/// FedCompass's schedule (fedcompass.hpp) without its server, on any graph. A group is a
/// rendezvous that its members tell their neighbors of: its name, T_a, T_max and the least
/// S of its members as far as they know. Peer i of age t_i (mixes done)
///   1. trains Q steps (q_min at first), measures its S, and sends x_i to its neighbors, with
///      its group and the age at which the training began;
///   2. waits until all neighbors have arrived that said they were in its group, at most
///      until T_max; not at all if it is late or in no group;
///   3. mixes, with all models heard since its last mix, of each neighbor the newest:
///        x_i <- x_i + sum_j W_ij s(tau_ij) (x_j - x_i),  tau_ij = max(0, t_i - age of x_j);
///   4. takes its next group and Q (compass_scheduler.hpp): of the groups that it was told of
///      the one that it can join with the most steps; else, alike, a successor of a group that
///      it knows, also of its last; else it creates one. Then it tells its neighbors.
/// The successor of a group is where the group's fastest peer is expected next,
///   T_a' = T_a + q_max f,  T_max' = T_a + lambda q_max f,  f the group's least S;
/// it needs no words, so that peers that have arrived together go on together.
/// So all models that come late, or from other groups, enter the next mix. s: staleness.hpp.
/// Rows of weights add up to 1 by construction: agreement is a fixed point.
/// Our own variant of Li et al., ICLR 2024, arXiv:2309.14675.
///
/// The mix is done by the aggregator, with weight W_ij s(tau_ij) for x_j and the rest for
/// x_i; rules that do not look at weights ignore staleness. training.local_steps is not
/// used. A peer's round is its age. T_a and T_max are taken as times of the own clock:
/// clocks that differ cost steps and waiting, nothing else.
///
/// Losses and failures. Nobody waits for anybody beyond T_max of its group. Who comes or
/// comes back says hello and is told its neighbors' groups; it begins with q_min steps
/// unless it still knows its speed. Who leaves says goodbye and is not waited for. A peer
/// that has done its rounds is in no group.
std::unique_ptr<Protocol> make_protocol(const CompassGossipOptions& options, const PeerView& view);

/// Says so if q_min exceeds q_max; any graph will do.
std::optional<std::string> unfit(const CompassGossipOptions& options, const Graph& graph);

}  // namespace hearsay

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/staleness.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

struct FedcompassOptions {
  static constexpr std::string_view kKind = "fedcompass";
  static constexpr std::string_view kSummary =
      "A server that times slow and fast clients together.";
  static constexpr bool kCommonRounds = false;

  int rounds = 100;
  int server = 0;
  int q_min = 20;
  int q_max = 100;
  double lambda = 1.2;
  double speed_momentum = 0.9;
  double alpha = 0.9;
  StalenessOptions staleness;
  SimTime timeout{};

  friend bool operator==(const FedcompassOptions&, const FedcompassOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FedcompassOptions& options) {
  visit("rounds", options.rounds, at_least(0), "models that the server makes; 0: until the end");
  visit("server", options.server, at_least(0), "the peer that schedules; its neighbors train");
  visit("q_min", options.q_min, between(1, 10'000), "fewest local steps of a task");
  visit("q_max", options.q_max, between(1, 10'000), "most local steps of a task");
  visit("lambda", options.lambda, between(1, 10), "latest over expected duration of a group");
  visit("speed_momentum", options.speed_momentum, between(0, 1),
        "weight of a new measurement of a client's speed");
  visit("alpha", options.alpha, {.low = 0, .high = 1, .low_open = true},
        "weight of updates that are not stale");
  visit("staleness", options.staleness, "how the weight of an update falls with staleness");
  visit("timeout", options.timeout, between(0, 1e6),
        "how long a client waits before it asks the server again; 0: for ever");
}

/// FedCompass: the server measures how fast its n clients are and gives them different
/// numbers of local steps, so that groups of them arrive together. It has made v models, the
/// newest is w; B is a buffer for late updates. Every client i begins with q_min steps.
/// Delta_i is its model after training minus the one that it was sent, number ts_i. When it
/// arrives, its speed is measured, with communication, and
///   first arrival    w <- w + a_i Delta_i, v <- v + 1; i is assigned and sent w
///   late             (after T_max of its group, or after the group has gone on)
///                    B <- B + Delta_i; i is assigned and sent w as it is
///   in time          i waits for its group.
/// A group goes on when nobody is under way in it, and at its T_max, if anybody has arrived:
///   w <- w + sum_{i in U} a_i Delta_i,  U those who have arrived and B,  B <- {},  v <- v + 1;
/// then those who have arrived are assigned, the fastest first, and sent w. Here
///   a_i = alpha / n s(v - ts_i),
/// with v before it grows, s: staleness.hpp. To be assigned: compass_scheduler.hpp.
/// Li, Chen, Kim, Kim, Ryu, Raghunathan, Madduri. FedCompass: Efficient Cross-Silo Federated
/// Learning on Heterogeneous Client Devices Using a Computing Power Aware Scheduler. ICLR
/// 2024, arXiv:2309.14675, as in the authors' code (APPFL) but for: a first task of q_min
/// steps (the paper's Figure 1) is also measured as such; (tau + 1)^-a falls, there it grows.
///
/// The step is done by the aggregator, as update_mixing.hpp says. While it takes time, what
/// happens waits, in its order; whether an update is late is decided by when it came.
/// training.local_steps is not used. A peer's round is the number of the newest model of the
/// server that it has had.
///
/// Losses and failures: server_client.hpp. Nobody waits for a client longer than until its
/// group's T_max. A client that says hello while it is believed to work leaves its group and
/// is assigned anew (with q_min steps, if its speed is not known); one that says goodbye
/// leaves its group. A server that restarts goes on from its last model and with the speeds
/// it knows, gives all clients new tasks, and has lost the updates that were waiting. A client
/// whose update or next task is lost waits for ever if timeout is 0; a timeout shorter than
/// lambda q_max of the slowest client's steps costs needless messages, nothing else.
std::unique_ptr<Protocol> make_protocol(const FedcompassOptions& options, const PeerView& view);

/// Also if q_min exceeds q_max.
std::optional<std::string> unfit(const FedcompassOptions& options, const Graph& graph);

}  // namespace hearsay

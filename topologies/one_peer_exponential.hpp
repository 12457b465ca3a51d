#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/rng.hpp"
#include "topologies/graph.hpp"
#include "topologies/link_schedule.hpp"

namespace hearsay {

/// The one-peer exponential graph: in round t peer i sends to one peer,
/// i + 2^(t mod tau) modulo n, tau = ceil(log2 n), and so hears one. Weights 1/2 and 1/2: every
/// round's W is doubly stochastic, and for n = 2^tau the product of tau consecutive ones
/// averages exactly, W^(t + tau - 1) ... W^(t) = (1/n) 1 1^T.
///
/// The graph is the union of all rounds, the exponential graph without direction: i beside
/// i + 2^k and i - 2^k, connected. One peer has no neighbor; two peers share one edge.
/// Protocols that do not follow the rounds' links see a static graph.
///
/// Assran, Loizou, Ballas, Rabbat. Stochastic Gradient Push for Distributed Deep Learning.
/// ICML 2019. Ying, Yuan, Chen, Hu, Pan, Yin. Exponential Graph is Provably Efficient for
/// Decentralized Deep Training. NeurIPS 2021.
struct OnePeerExponentialOptions {
  static constexpr std::string_view kKind = "one_peer_exponential";
  static constexpr std::string_view kSummary =
      "In round t peer i sends to i + 2^(t mod log2 n) only.";

  friend bool operator==(const OnePeerExponentialOptions&,
                         const OnePeerExponentialOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, OnePeerExponentialOptions&) {}

/// Nothing: any number of peers will do.
std::optional<std::string> infeasible(const OnePeerExponentialOptions& options, int num_peers);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
Graph make_graph(const OnePeerExponentialOptions& options, int num_peers, Rng rng);

/// Draws nothing from `rng`. REQUIRES: num_peers >= 1.
std::unique_ptr<LinkSchedule> make_schedule(const OnePeerExponentialOptions& options, int num_peers,
                                            Rng rng);

}  // namespace hearsay

#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"
#include "topologies/spanning_tree.hpp"

namespace hearsay {

struct RelaySumOptions : RoundOptions {
  static constexpr std::string_view kKind = "relaysum";
  static constexpr std::string_view kSummary = "Synchronous; models are relayed along a tree.";
  static constexpr bool kCommonRounds = true;

  friend bool operator==(const RelaySumOptions&, const RelaySumOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, RelaySumOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  describe_missing(visit, options);
}

/// The tree that messages are relayed along: the graph, if it is one, else its spanning_tree.
inline std::unique_ptr<LinkSchedule> make_links(const RelaySumOptions&, const Graph& graph) {
  return fixed_links(spanning_tree(graph));
}

/// RelaySGD/Model: instead of being averaged again and again, models are relayed through a tree,
/// so that each peer's counts the same everywhere, with a delay. With N_i the neighbors in
/// the tree, in round t peer i
///   1. trains:  x_i^{t+1/2} = train(x_i^t),
///   2. sends to every j in N_i   m_{i->j}^t = x_i^{t+1/2} + sum_{k in N_i \ j} m_{k->i}^{t-1}
///                      and       c_{i->j}^t = 1 + sum_{k in N_i \ j} c_{k->i}^{t-1},
///   3. combines, with n_i = 1 + sum_{j in N_i} c_{j->i}^t:
///      x_i^{t+1} = (x_i^{t+1/2} + sum_{j in N_i} m_{j->i}^t) / n_i.
/// All m^{-1} = 0, c^{-1} = 0. Without loss n_i = n from round d - 1 on, d the tree's diameter, and
/// x_i^{t+1} = (1/n) sum_j x_j^{t - tau(i,j) + 1/2}, tau(i,j) = max(0, hops from i to j - 1): all
/// peers weigh the same, later by the way. So a constant step reaches the optimum of the mean
/// objective: models that stay are equal, and the steps of all then sum to 0. The mean of the
/// models is NOT kept in a round.
/// Vogels, He, Koloskova, Lin, Karimireddy, Stich, Jaggi. RelaySum for Decentralized Deep
/// Learning on Heterogeneous Data. NeurIPS 2021, algorithm 1.
///
/// A message carries the mean m / c, which is of the size of a model, and c (Message::data). So
/// the aggregator combines means of subtrees with the weights 1 / n_i and c_{j->i} / n_i; the
/// mixing matrix is not used. Rules that count samples or senders take a subtree for its
/// first peer.
///
/// The tree is PeerView::schedule's round 0, made by make_links(); without a schedule all
/// neighbors belong to it. Loss, crashes, joins and leaves are handled as
/// synchronous_rounds.hpp says, among neighbors in the tree. A letter that is missing is left
/// out (drop), with its subtree, here and in what is relayed next, or the one before is used
/// again (last_model); counts say what is in a mean, so that weights are right in either case. A
/// peer that is gone cuts the tree for good: the parts then average apart.
std::unique_ptr<Protocol> make_protocol(const RelaySumOptions& options, const PeerView& view);

}  // namespace hearsay

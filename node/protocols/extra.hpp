#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"

namespace hearsay {

struct ExtraOptions : RoundOptions {
  static constexpr std::string_view kKind = "extra";
  static constexpr std::string_view kSummary =
      "Synchronous; the exact first-order algorithm (EXTRA).";
  static constexpr bool kCommonRounds = true;
  static constexpr bool kCombinesNeighborhood = true;

  friend bool operator==(const ExtraOptions&, const ExtraOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ExtraOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  describe_missing(visit, options);
  describe_missing_weight(visit, options);
}

/// EXTRA, the exact first-order algorithm. With u_i^k = x_i^k - train(x_i^k), the step that local
/// training takes (lr times the gradient, for one step of plain SGD), and m_i^k =
/// aggregate({x_j^k}), which is (W x^k)_i for the aggregator `mixing`:
///   x_i^1     = m_i^0 - u_i^0,
///   x_i^{k+1} = x_i^k + m_i^k - (x_i^{k-1} + m_i^{k-1}) / 2 - (u_i^k - u_i^{k-1}),
/// that is x^{k+1} = (I + W) x^k - W~ x^{k-1} - (u^k - u^{k-1}) with W~ = (I + W) / 2. Peers
/// send x_i^k, as it was before training, when training is done. For symmetric W a constant
/// step reaches the optimum of the mean objective. Momentum or several local steps belong
/// to train(). Combine-then-adapt: unlike D-PSGD here, the aggregator sees models without the
/// step just taken.
/// Shi, Ling, Wu, Yin. EXTRA: An exact first-order algorithm for decentralized consensus
/// optimization. SIAM Journal on Optimization 25(2), 2015.
///
/// Loss, crashes, joins and leaves are handled as synchronous_rounds.hpp says. With policy wait a
/// crash and restart changes nothing if the gradients are exact. A peer that has combined
/// without a neighbor, or with a letter of another round, goes on with the first formula, for
/// the reason given in exact_diffusion.hpp: under loss, and after it, the peers meet beside the
/// optimum, about as with D-PSGD. A peer that joins begins likewise. In float32 rounding shifts
/// the mean by some 1e-7 of the model per round.
std::unique_ptr<Protocol> make_protocol(const ExtraOptions& options, const PeerView& view);

}  // namespace hearsay

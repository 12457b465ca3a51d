#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"

namespace hearsay {

struct ExactDiffusionOptions : RoundOptions {
  static constexpr std::string_view kKind = "exact_diffusion";
  static constexpr std::string_view kSummary =
      "Synchronous; corrects the bias of different objectives (D2).";
  static constexpr bool kCommonRounds = true;
  static constexpr bool kCombinesNeighborhood = true;

  /// Mix with (I + W) / 2 in place of W. Without, W needs eigenvalues above -1/3.
  bool lazy = true;

  friend bool operator==(const ExactDiffusionOptions&, const ExactDiffusionOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ExactDiffusionOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  describe_missing(visit, options);
  describe_missing_weight(visit, options);
  visit("lazy", options.lazy, "mix with (I + W) / 2; W alone needs eigenvalues above -1/3");
}

/// Exact Diffusion, also called D2. In round k peer i
///   1. trains:    psi_i^{k+1} = train(x_i^k)       (x_i^k - lr g_i(x_i^k), one SGD step),
///   2. corrects:  phi_i^{k+1} = psi_i^{k+1} + x_i^k - psi_i^k,    psi_i^0 = x_i^0,
///   3. sends phi_i^{k+1} to every neighbor and combines: x_i^{k+1} = aggregate({phi_j^{k+1}}),
/// with the weights of (I + W) / 2 if `lazy`, else W. For symmetric W a constant step reaches the
/// optimum of the mean objective. If W is doubly stochastic the mean obeys gradient descent:
/// mean(x^{k+1}) = mean(psi^{k+1}). Momentum or several local steps belong to train().
/// Yuan, Ying, Zhao, Sayed. Exact diffusion for distributed optimization and learning, part I.
/// IEEE Transactions on Signal Processing 67(3), 2019. Tang, Lian, Yan, Zhang, Liu. D2:
/// Decentralized training over decentralized data. ICML 2018 (x^{k+1} = W(2 x^k - x^{k-1} -
/// lr (g^k - g^{k-1})), the same with the weights of W, from the second round on).
///
/// Loss, crashes, joins and leaves are handled as synchronous_rounds.hpp says. With policy wait a
/// crash and restart changes nothing if the gradients are exact. What the correction of one
/// peer adds to the mean, those of the others take away: a letter that one side lacks would
/// shift the mean again and again from then on. So a peer that has combined without a
/// neighbor, or with a letter of another round, begins its correction anew, psi = x, with a round
/// of D-PSGD. What others had corrected for it remains: under loss, and after it, the peers
/// meet beside the optimum, about as D-PSGD does, and do not drift away. A peer that joins
/// begins likewise. In float32 rounding shifts the mean by some 1e-7 of the model per round.
std::unique_ptr<Protocol> make_protocol(const ExactDiffusionOptions& options, const PeerView& view);

}  // namespace hearsay

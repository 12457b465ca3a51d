#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct ReputationOptions {
  static constexpr std::string_view kKind = "reputation";
  static constexpr std::string_view kSummary =
      "Gossip weighted by what each neighbor's models were worth so far.";
  static constexpr std::string_view kReference =
      "own design; beta reputation: Josang, Ismail, Bled eCommerce Conference 2002";
  static constexpr Space kSpace = Space::kModel;

  /// What a model that was received is worth, q in [0, 1].
  enum class Quality { kRank, kCosine, kLoss };

  /// How what it was worth becomes trust.
  enum class Trust { kDirect, kBeta };

  Quality quality = Quality::kRank;
  double temperature = 1.0;
  Trust trust = Trust::kDirect;
  double memory = 0.9;
  double newcomer = 0.5;
  double exponent = 1.0;
  double own_weight = 0.2;
  std::optional<double> tau;

  friend bool operator==(const ReputationOptions&, const ReputationOptions&) = default;
};

constexpr auto enum_names(ReputationOptions::Quality) {
  using Quality = ReputationOptions::Quality;
  return std::array{EnumName<Quality>{Quality::kRank, "rank"},
                    EnumName<Quality>{Quality::kCosine, "cosine"},
                    EnumName<Quality>{Quality::kLoss, "loss"}};
}

constexpr auto enum_names(ReputationOptions::Trust) {
  using Trust = ReputationOptions::Trust;
  return std::array{EnumName<Trust>{Trust::kDirect, "direct"},
                    EnumName<Trust>{Trust::kBeta, "beta"}};
}

template <class Visitor>
void describe(Visitor& visit, ReputationOptions& options) {
  visit("quality", options.quality,
        "a model's worth: rank of its distance, cosine of its update, or loss on own samples");
  visit("temperature", options.temperature, above(0),
        "quality loss: the gain in loss that makes a model worth 0.73");
  visit("trust", options.trust, "direct: moving average of worth; beta: beta reputation");
  visit("memory", options.memory, from_below(0, 1), "what a round leaves of former experience");
  visit("newcomer", options.newcomer, between(0, 1), "trust direct: of peers never heard before");
  visit("exponent", options.exponent, at_least(0), "of trust; 0: trust is not used");
  visit("own_weight", options.own_weight, between(0, 1), "of the own model, at the least");
  visit("tau", options.tau, above(0), "longest difference that is not shortened (none: no limit)");
}

/// Reputation-weighted gossip. Peer i keeps a score of every peer that it ever heard, keyed by
/// its id, and updates it with the worth q_ij of every model that it receives:
///   rank     1 - (neighbors nearer to x_i than j) / (neighbors - 1); 1 for a single one
///   cosine   max(0, cos(x_j - x_i', x_i - x_i')), x_i' the own model before training
///   loss     1 / (1 + exp(-(l(x_i) - l((x_i + x_j) / 2)) / T)), l the mean loss on own samples
/// With memory f, trust rho_ij is
///   direct   s_ij <- f s_ij + (1 - f) q_ij, from `newcomer` on; rho = s
///   beta     r <- f r + q, s <- f s + 1 - q, from 0 on; rho = (r + 1) / (r + s + 2)
/// and, with the mixing matrix W, exponent eta, A = sum_j W(i,j),
///   w_ij = W(i,j) rho_ij^eta A / sum_k W(i,k) rho_ik^eta,
/// all w_ij scaled down together if they sum to more than 1 - own_weight,
///   result = x_i + sum_j w_ij Clip(x_j - x_i, tau).
/// With eta = 0 this is clipped gossip with a fixed radius, bit for bit, where W(i,i) is not
/// below own_weight. Scores outlive absences; who returns under a new id is a newcomer. The
/// weights are row-stochastic only, so gossip no longer keeps the models' average. Space: model
/// (translation-equivariant with rank and cosine; losses are those of models).
///
/// Trust is a peer's own experience and nothing else. Mechanisms that carry it along a graph of
/// who trusts whom (EigenTrust, personalised PageRank and hitting time, BarterCast's maximal
/// flow, MeritRank's decays) are not here: they need the scores that others keep, which no
/// message brings, so whoever is not a neighbor is worth nothing, and who lies about others has
/// nothing to gain.
///
/// Our own combination; its parts: direct experience weighted by recency; Josang, Ismail. The
/// Beta Reputation System. 15th Bled eCommerce Conference, 2002.
std::unique_ptr<Aggregator> make_aggregator(const ReputationOptions& options);

}  // namespace hearsay

#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"

namespace hearsay {

struct QgDsgdmOptions : RoundOptions {
  static constexpr std::string_view kKind = "qg_dsgdm";
  static constexpr std::string_view kSummary = "Synchronous; momentum from the mixed models.";
  static constexpr bool kCommonRounds = true;
  static constexpr bool kCombinesNeighborhood = true;
  static constexpr bool kUsesSchedule = true;

  double beta = 0.9;  ///< Of the momentum in a step, 0 <= beta < 1; 0: D-PSGD.
  double mu = 0.9;    ///< How much of the momentum is kept from round to round, 0 <= mu < 1.

  friend bool operator==(const QgDsgdmOptions&, const QgDsgdmOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, QgDsgdmOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  describe_missing(visit, options);
  describe_missing_weight(visit, options);
  visit("beta", options.beta, from_below(0, 1), "share of the momentum in a step; 0 = dpsgd");
  visit("mu", options.mu, from_below(0, 1), "share of the momentum kept from round to round");
}

/// Quasi-global momentum: D-PSGD with a momentum of how the mixed models move, which is alike
/// among peers where that of local gradients is not. With u_i^t = x_i^t - train(x_i^t) and M =
/// lr m^, the authors' momentum times the learning rate, in round t peer i
///   1. trains and adds the momentum: x_i^{t+1/2} = x_i^t - u_i^t - beta M_i^t,  M_i^0 = 0,
///   2. sends x_i^{t+1/2} to every neighbor and combines: x_i^{t+1} = aggregate(...),
///   3. updates:  M_i^{t+1} = mu M_i^t + (1 - mu) (x_i^t - x_i^{t+1}).
/// The authors take mu = beta. That is their heavy-ball form for one local step; where a round
/// has several, the momentum is added once, after them. The local optimizer should have no
/// momentum of its own. A learning rate that changes scales M with a delay.
/// Lin, Karimireddy, Stich, Jaggi. Quasi-Global Momentum: Accelerating Decentralized Deep
/// Learning on Heterogeneous Data. ICML 2021 (QG-DSGDm).
///
/// Beta 0 is D-PSGD bit for bit. Topologies that vary in time are followed as by D-PSGD. Loss,
/// crashes, joins and leaves are handled as synchronous_rounds.hpp says; the momentum needs
/// nothing of others. A peer that skips rounds counts what it moved as one round.
std::unique_ptr<Protocol> make_protocol(const QgDsgdmOptions& options, const PeerView& view);

}  // namespace hearsay

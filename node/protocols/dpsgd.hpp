#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"

namespace hearsay {

struct DpsgdOptions {
  static constexpr std::string_view kKind = "dpsgd";
  static constexpr std::string_view kSummary = "Synchronous decentralised SGD.";
  static constexpr bool kCommonRounds = true;
  static constexpr bool kCombinesNeighborhood = true;
  static constexpr bool kUsesSchedule = true;

  int rounds = 50;
  MissingPolicy missing = MissingPolicy::kWait;
  SimTime timeout{1'000'000'000};
  MissingWeight missing_weight = MissingWeight::kRenormalize;

  friend bool operator==(const DpsgdOptions&, const DpsgdOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DpsgdOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  describe_missing(visit, options);
  describe_missing_weight(visit, options);
}

/// Synchronous decentralised SGD, adapt-then-combine. In round t peer i
///   1. trains locally:  x_i^{t+1/2} = x_i^t - (local SGD steps),
///   2. sends x_i^{t+1/2} to every neighbor,
///   3. waits for the x_j^{t+1/2} of every neighbor j,
///   4. combines: x_i^{t+1} = aggregate(x_i^{t+1/2}, {x_j^{t+1/2}}).
/// Lian et al. Can Decentralized Algorithms Outperform Centralized Algorithms? NeurIPS
/// 2017 (there combine-then-adapt); Chen, Sayed. Diffusion adaptation strategies. IEEE
/// TSP 60:4289-4305, 2012 (adapt-then-combine).
///
/// Over a topology that varies in time, peer i sends in round t to its receivers of that round
/// only and awaits its senders of that round, with that round's weights. So D-PSGD on the
/// one-peer exponential graph and Epidemic Learning (topology random_out: EL-Oracle with draw
/// regular, EL-Local with draw local) are this protocol:
/// de Vos et al. Epidemic Learning: Boosting Decentralized Learning with Randomized
/// Communication. NeurIPS 2023.
///
/// What becomes of loss, crashes, joins and leaves is said in synchronous_rounds.hpp.
std::unique_ptr<Protocol> make_protocol(const DpsgdOptions& options, const PeerView& view);

}  // namespace hearsay

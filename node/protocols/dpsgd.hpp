#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

struct DpsgdOptions {
  static constexpr std::string_view kKind = "dpsgd";
  static constexpr std::string_view kSummary = "Synchronous decentralised SGD.";

  int rounds = 50;

  friend bool operator==(const DpsgdOptions&, const DpsgdOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DpsgdOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
}

/// Synchronous decentralised SGD, adapt-then-combine. In round t peer i
///   1. trains locally:  x_i^{t+1/2} = x_i^t - (local SGD steps),
///   2. sends x_i^{t+1/2} to every neighbor,
///   3. waits for the x_j^{t+1/2} of every neighbor j,
///   4. combines: x_i^{t+1} = aggregate(x_i^{t+1/2}, {x_j^{t+1/2}}).
/// A neighbor may be one round ahead: its message is kept for the next round. Anything
/// else (no neighbor, another round, a second message) is refused.
/// Lian et al. Can Decentralized Algorithms Outperform Centralized Algorithms? NeurIPS
/// 2017 (there combine-then-adapt); Chen, Sayed. Diffusion adaptation strategies. IEEE
/// TSP 60:4289-4305, 2012 (adapt-then-combine).
std::unique_ptr<Protocol> make_protocol(const DpsgdOptions& options, const PeerView& view);

}  // namespace hearsay

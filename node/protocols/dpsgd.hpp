#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

/// What a peer does about a neighbor whose model does not come.
enum class MissingPolicy {
  kWait,       ///< Wait for ever.
  kDrop,       ///< After `timeout` combine without it.
  kLastModel,  ///< After `timeout` use the last model heard from it, if any.
};

constexpr auto enum_names(MissingPolicy) {
  return std::array{EnumName{MissingPolicy::kWait, "wait"}, EnumName{MissingPolicy::kDrop, "drop"},
                    EnumName{MissingPolicy::kLastModel, "last_model"}};
}

/// Where the mixing weight of a neighbor goes that is combined without.
enum class MissingWeight {
  kRenormalize,  ///< To all others and the own model, in proportion.
  kSelf,         ///< To the own model.
};

constexpr auto enum_names(MissingWeight) {
  return std::array{EnumName{MissingWeight::kRenormalize, "renormalize"},
                    EnumName{MissingWeight::kSelf, "self"}};
}

struct DpsgdOptions {
  static constexpr std::string_view kKind = "dpsgd";
  static constexpr std::string_view kSummary = "Synchronous decentralised SGD.";

  int rounds = 50;
  MissingPolicy missing = MissingPolicy::kWait;
  SimTime timeout{1'000'000'000};
  MissingWeight missing_weight = MissingWeight::kRenormalize;

  friend bool operator==(const DpsgdOptions&, const DpsgdOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DpsgdOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  visit("missing", options.missing, "what to do about a neighbor that is not heard");
  visit("timeout", options.timeout, above(0), "how long to wait for it, once trained");
  visit("missing_weight", options.missing_weight, "where the weight of a missing neighbor goes");
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
/// Where peers fail, messages are lost or peers join late, rounds drift apart. Then
///   * a model of a later round stands for one that is still awaited; it is kept and also
///     serves the round that it was made for;
///   * a peer that has fallen behind goes on, after combining, with the newest round it has
///     heard of, and so skips some;
///   * a neighbor that let the timeout pass is not waited for again until it is heard from;
///   * a peer that joins or restarts says hello; neighbors that wait just then, or have
///     finished, answer with their model, the others send their next one;
///   * a peer that leaves says goodbye, and nobody waits for it any more.
/// A peer that hears from nobody goes on alone, unless the policy is to wait.
std::unique_ptr<Protocol> make_protocol(const DpsgdOptions& options, const PeerView& view);

}  // namespace hearsay

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "node/base/parameter_layout.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

/// One model that a neighbor sent, as the rule sees it.
struct ReceivedModel {
  PeerId sender = 0;
  double weight = 0.0;       ///< W(own, sender) of the mixing matrix.
  std::int64_t samples = 0;  ///< Training samples the sender owns.
  int round = 0;             ///< The sender's round when it sent.
  std::span<const float> values;
};

/// What a rule combines. All spans have the layout's size.
struct AggregationInput {
  double own_weight = 0.0;                  ///< W(own, own).
  std::int64_t own_samples = 0;             ///< Training samples the peer itself owns.
  std::span<const float> own;               ///< Own model after local training.
  std::span<const float> previous;          ///< Own model before local training; empty
                                            ///< unless needs_previous().
  std::span<const ReceivedModel> received;  ///< Ascending by sender, each sender once.
};

/// What surrounds an aggregation.
struct AggregationContext {
  const ParameterLayout& layout;
  PeerId peer = 0;
  int round = 0;
  const Rng& stream;  ///< All aggregations' stream; rules draw from rng().

  /// A stream of this peer and round alone.
  Rng rng() const {
    return stream.split("peer", static_cast<std::uint64_t>(peer))
        .split("round", static_cast<std::uint64_t>(round));
  }
};

/// An aggregation rule: how a peer turns its own model and those received from its
/// neighbors into its next model. One object serves all peers, on several threads
/// at once.
///
/// Contract, checked for every rule by tests/aggregators/contract_test.cpp. A rule
/// MUST
///   1. be a pure function of its arguments: no clock, no global, no hidden state;
///   2. not depend on the order of `received`, but for rounding and for ties;
///   3. write `own` when every input equals `own`, up to rounding (rules that by
///      definition do not are listed in the test with the reason);
///   4. write only finite numbers when all inputs are finite;
///   5. return `own` when nothing was received;
///   6. write all of `result` and nothing else; `result` never overlaps an input.
class Aggregator {
 public:
  virtual ~Aggregator() = default;

  /// REQUIRES: result.size() == context.layout.size(), as have all input spans.
  virtual void aggregate(const AggregationInput& input, const AggregationContext& context,
                         std::span<float> result) const = 0;

  /// True if the rule reads `previous`. Keeping it costs every peer one more model and
  /// forbids training in place.
  virtual bool needs_previous() const { return false; }
};

}  // namespace hearsay

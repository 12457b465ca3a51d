#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

struct LocalOptions {
  static constexpr std::string_view kKind = "local";
  static constexpr std::string_view kSummary = "Every peer trains alone; nothing is sent.";
  static constexpr bool kCommonRounds = true;

  int rounds = 50;

  friend bool operator==(const LocalOptions&, const LocalOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, LocalOptions& options) {
  visit("rounds", options.rounds, at_least(1), "trainings of every peer");
}

/// Training without any exchange: x_i^{t+1} = x_i^t - (local SGD steps). What each peer
/// reaches alone is the lower baseline of every method that exchanges models. With one peer
/// and data dealt to it alone this is centralised training on the pooled data, the upper
/// baseline.
///
/// Nothing is sent and the aggregator is not used. Nobody waits for anybody: losses and
/// other peers' failures change nothing, a peer that restarts goes on from its last round,
/// and every message is refused.
std::unique_ptr<Protocol> make_protocol(const LocalOptions& options, const PeerView& view);

}  // namespace hearsay

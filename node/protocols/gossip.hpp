#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/peer_sampling.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/wake_clock.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// What a peer does with the neighbor that it has drawn.
enum class GossipStyle {
  kPush,      ///< Sends its model.
  kPull,      ///< Asks for the neighbor's.
  kPushPull,  ///< Sends its model, and the neighbor answers with its own.
};

constexpr auto enum_names(GossipStyle) {
  return std::array{EnumName{GossipStyle::kPush, "push"}, EnumName{GossipStyle::kPull, "pull"},
                    EnumName{GossipStyle::kPushPull, "push_pull"}};
}

/// When a peer trains.
enum class GossipTraining {
  kWakeUp,  ///< At each of its wake-ups, before it sends.
  kHeard,   ///< After each merge of what it has heard, as in gossip learning.
};

constexpr auto enum_names(GossipTraining) {
  return std::array{EnumName{GossipTraining::kWakeUp, "wake_up"},
                    EnumName{GossipTraining::kHeard, "heard"}};
}

/// The weights with which the aggregator merges the own model and those heard.
enum class MergeWeights {
  kEqual,   ///< All alike, the own one included.
  kAge,     ///< In proportion to the models' ages; all alike while all are 0.
  kMixing,  ///< The mixing matrix's; what is not heard counts as the own model.
};

constexpr auto enum_names(MergeWeights) {
  return std::array{EnumName{MergeWeights::kEqual, "equal"}, EnumName{MergeWeights::kAge, "age"},
                    EnumName{MergeWeights::kMixing, "mixing"}};
}

/// The randomized token account of Danner and Jelasity: with a tokens,
///   PROACTIVE(a)   = 0 if a < A - 1, (a - A + 1) / (C - A + 1) if A - 1 <= a <= C, else 1,
///   REACTIVE(a, u) = a / A if u, else 0.
struct TokenAccountOptions {
  int reactivity = 5;  ///< A: the larger, the fewer tokens a useful message makes it spend.
  int slack = 5;       ///< C - A, where C is the most tokens an account holds.

  friend bool operator==(const TokenAccountOptions&, const TokenAccountOptions&) = default;
};

struct GossipOptions {
  static constexpr std::string_view kKind = "gossip";
  static constexpr std::string_view kSummary = "Asynchronous gossip: each peer by its own clock.";
  static constexpr bool kCommonRounds = false;

  int rounds = 50;  ///< Wake-ups of every peer; 0: until the run ends.
  GossipStyle style = GossipStyle::kPush;
  WakeClock clock = WakeClock::kPeriodic;
  SimTime period{100'000'000};
  GossipTraining train = GossipTraining::kWakeUp;
  MergeWeights merge = MergeWeights::kEqual;
  std::optional<TokenAccountOptions> tokens;
  std::optional<PeerSamplingOptions> sampling;

  friend bool operator==(const GossipOptions&, const GossipOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, TokenAccountOptions& options) {
  visit("reactivity", options.reactivity, at_least(1), "tokens per message sent in reaction");
  visit("slack", options.slack, at_least(0), "capacity of the account less `reactivity`");
}

template <class Visitor>
void describe(Visitor& visit, GossipOptions& options) {
  visit("rounds", options.rounds, at_least(0), "wake-ups of every peer; 0: until the run ends");
  visit("style", options.style, "whether models are sent, asked for, or both");
  visit("clock", options.clock, "how the wake-ups of a peer follow each other");
  visit("period", options.period, above(0), "mean time between two wake-ups of a peer");
  visit("train", options.train, "train at wake-ups, or after every merge");
  visit("merge", options.merge, "weights of the models that are merged");
  visit("tokens", options.tokens, "a token account that decides when to send; none: always");
  visit("sampling", options.sampling, "a peer sampling view to draw partners from; none: all");
}

/// Asynchronous gossip learning. Nobody waits for anybody, and every graph will do. A peer
/// has a model x of age t, the number of trainings in it.
///   * At each wake-up it trains, x <- train(x), t <- t + 1, then draws a neighbor and
///     pushes (x, t) to it, pulls its model, or both.
///   * What it hears waits while it trains. Then all that has come is merged by the
///     aggregator, x <- aggregate(x, {x_j}), t <- max(t, max_j t_j); of one neighbor only
///     the newest counts.
/// With `train: heard` it trains after each merge instead. A wake-up that finds the peer at
/// work is put off until it has done; none is left out.
/// Ormandi, Hegedus, Jelasity. Gossip learning with linear models on fully distributed
/// data. Concurrency and Computation 25(4):556-571, 2013 (there `push`, `train: heard`,
/// one model per merge); merging by age: Hegedus, Danner, Jelasity. Decentralized learning
/// works: an empirical comparison of gossip learning and federated learning. JPDC 148, 2021.
///
/// With a token account a wake-up sends with probability PROACTIVE(a) and else earns a
/// token; for every useful model merged REACTIVE(a, u) tokens, rounded at random so that
/// the mean is kept, are spent on as many pushes to drawn neighbors. Answers are free.
/// Useful here: not younger in trainings than the own model when the merge began.
/// Danner, Jelasity. Token account algorithms: the best of the periodic and push gossip
/// worlds. ICDCS 2018, pages 885-895.
///
/// With peer sampling a peer draws from a small view in place of all its neighbors, which must
/// be all peers, and at each wake-up exchanges views with one of it (peer_sampling.hpp): nobody
/// needs to know everybody, comings and goings are noticed without being told.
///
/// A message's round is its model's age. Every new model, trained or merged, is reported.
/// Lost messages are lost; a peer that crashes goes on with its newest model, less what it
/// was doing, and does that wake-up again; who comes or returns says hello and is drawn
/// again; who leaves says goodbye and is not drawn any more. A neighbor that crashes goes
/// on being drawn, in vain.
std::unique_ptr<Protocol> make_protocol(const GossipOptions& options, const PeerView& view);

/// Peer sampling needs a complete graph.
std::optional<std::string> unfit(const GossipOptions& options, const Graph& graph);

}  // namespace hearsay

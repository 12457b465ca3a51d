#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"

namespace hearsay {

struct AdPsgdOptions {
  static constexpr std::string_view kKind = "ad_psgd";
  static constexpr std::string_view kSummary = "Pairwise averaging while each peer trains.";
  static constexpr bool kCommonRounds = false;

  int rounds = 50;  ///< Trainings of every peer; 0: until the run ends.
  SimTime timeout{1'000'000'000};
  int attempts = 3;
  SimTime idle{100'000'000};

  friend bool operator==(const AdPsgdOptions&, const AdPsgdOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AdPsgdOptions& options) {
  visit("rounds", options.rounds, at_least(0), "trainings of every peer; 0: until the run ends");
  visit("timeout", options.timeout, above(0), "when a model that is not answered is sent again");
  visit("attempts", options.attempts, at_least(1), "how often, before another neighbor is drawn");
  visit("idle", options.idle, above(0), "pause after a training that took no time");
}

/// Asynchronous decentralised parallel SGD. Every peer i goes on by itself:
///   1. takes a snapshot X = x_i and trains from it,  u = X - train(X)  (gamma g(X) with one
///      plain SGD step);
///   2. meanwhile draws a neighbor j and averages with it: both x_i and x_j become
///      (x_i + x_j) / 2;
///   3. when trained,  x_i <- x_i - u,  and goes on with 1.
/// So gradients are of models that are out of date by the averaging done meanwhile.
/// Lian, Zhang, Zhang, Liu. Asynchronous decentralized parallel stochastic gradient
/// descent. ICML 2018 (arXiv:1710.06952), algorithm 1.
///
/// Messages take time, so averaging is an exchange (pair_exchange.hpp): j does
/// x_j <- x_j + (x_i - x_j) / 2 when it hears x_i, and i adds (x_j - x_i) / 2, both as they
/// were sent, to what its model is by then. The sum of all models is kept but for rounding,
/// and nobody waits, so that the graph need not be bipartite as in the paper. One exchange
/// is begun per training, or none while the last one is awaited. The aggregator is not
/// used: a rule other than the mean would not keep the sum.
///
/// A lost message is sent again up to `attempts` times; then the peer draws other neighbors
/// and completes the exchange when that one is heard from again. So the sum is kept if
/// every neighbor is heard from again before the peer has finished; it changes with peers
/// that lose their state, leave, or crash for good. A crash costs the training under way.
/// Every new model is reported, after a training as after averaging. A peer that has done
/// its trainings waits for an exchange under way, finishes, and declines further ones.
std::unique_ptr<Protocol> make_protocol(const AdPsgdOptions& options, const PeerView& view);

}  // namespace hearsay

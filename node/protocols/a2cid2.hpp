#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/pairwise_averaging.hpp"
#include "node/protocols/protocol.hpp"
#include "topologies/gossip_plan.hpp"

namespace hearsay {

struct A2cid2Options {
  static constexpr std::string_view kKind = "a2cid2";
  static constexpr std::string_view kSummary = "Pairwise averaging with continuous momentum.";
  static constexpr bool kCommonRounds = false;

  int rounds = 50;  ///< Trainings of every peer; 0: until the run ends.
  double rate = 1.0;
  bool momentum = true;
  double chi1 = 0.0;
  double chi2 = 0.0;
  SimTime timeout{1'000'000'000};
  int attempts = 3;
  SimTime idle{100'000'000};

  friend bool operator==(const A2cid2Options&, const A2cid2Options&) = default;
};

template <class Visitor>
void describe(Visitor& visit, A2cid2Options& options) {
  visit("rounds", options.rounds, at_least(0), "trainings of every peer; 0: until the run ends");
  visit("rate", options.rate, above(0), "averagings per peer and training, on regular graphs");
  visit("momentum", options.momentum, "false: plain asynchronous gossip, for comparison");
  visit("chi1", options.chi1, at_least(0), "1 / lambda_2 of the rates; 0: from the graph");
  visit("chi2", options.chi2, at_least(0), "half the largest resistance; 0: from the graph");
  visit("timeout", options.timeout, above(0), "when a model that is not answered is sent again");
  visit("attempts", options.attempts, at_least(1), "how often, before it is set aside");
  visit("idle", options.idle, above(0), "pause after a training that took no time");
}

/// A2CiD2: asynchronous gossip with continuous local momentum. Each peer has x_i and x~_i,
/// at first its initial model both, and trains x_i without a pause. Its unit of time is the
/// time from one of its trainings to the next, a mean in which the newest counts 1/2.
///   * Between events, for an elapsed time tau:
///       d = (1 - e^(-2 eta tau)) / 2,  x += d (x~ - x),  x~ += d (x - x~)  (old values).
///   * Trained from X to X':  x -= u,  x~ -= u,  u = X - X'  (X: the snapshot that the
///     training began with; no learning rate is known here).
///   * Averaging of i and j, m = x_i - x_j:  x_i -= m / 2,  x_j += m / 2,
///     x~_i -= alpha~ m,  x~_j += alpha~ m.
///     Every peer begins averagings with random neighbors, as a Poisson process of `rate` / 2
///     per unit of time, once its first training is done.
///   * eta = 1 / (2 sqrt(chi1 chi2)),  alpha~ = 1/2 sqrt(chi1 / chi2)  with the constants of
///     topologies/resistance.hpp at the rates EdgeRates::by_degree(graph, rate). With
///     `momentum: false` there is no x~.
/// Nabli, Belilovsky, Oyallon. A2CiD2: Accelerating asynchronous communication in
/// decentralized deep learning. NeurIPS 2023 (arXiv:2306.08289).
///
/// Averaging is an exchange as in ad_psgd.hpp, with the same policy for loss, crash and the
/// end, the same reports, and without the aggregator: sum_i x_i and sum_i x~_i are kept but
/// for rounding. Exchanges with several neighbors may be under way at once. Messages take
/// time, so m is out of date by that when it is applied; with latencies that are not small
/// against the unit of time and large alpha~ (long rings) this can diverge. A peer that
/// crashes goes on with its own x and x~, unmixed meanwhile.
///
/// REQUIRES: chi1 and chi2 are given or the view has a plan, that of plan_of().
std::unique_ptr<Protocol> make_protocol(const A2cid2Options& options, const PeerView& view);

/// eta and alpha~ as above. REQUIRES: both constants are positive.
ContinuousMomentum continuous_momentum(const GossipConstants& constants);

/// Nothing if chi1 and chi2 are given, or no momentum is wanted. REQUIRES: not unfit().
std::optional<GossipPlan> plan_of(const A2cid2Options& options, const Graph& graph);

/// The constants need a connected graph of 2 to 4096 peers, unless they are given.
std::optional<std::string> unfit(const A2cid2Options& options, const Graph& graph);

}  // namespace hearsay

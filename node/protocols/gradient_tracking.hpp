#pragma once

#include <memory>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/round_options.hpp"

namespace hearsay {

struct GradientTrackingOptions : RoundOptions {
  static constexpr std::string_view kKind = "gradient_tracking";
  static constexpr std::string_view kSummary =
      "Synchronous; a second vector tracks the mean gradient.";
  static constexpr bool kCommonRounds = true;
  static constexpr bool kCombinesNeighborhood = true;

  friend bool operator==(const GradientTrackingOptions&, const GradientTrackingOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, GradientTrackingOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of every peer");
  describe_missing(visit, options);
  describe_missing_weight(visit, options);
}

/// Gradient tracking (DIGing), adapt-then-combine in x. With W the mixing matrix and
/// u_i^k = x_i^k - train(x_i^k), the step that local training takes (lr times the gradient,
/// for one step of plain SGD; so nobody needs to know lr), in round k peer i
///   1. trains and updates its tracker:  y_i^k = z_i^k + u_i^k - u_i^{k-1},  y_i^0 = u_i^0,
///   2. sends x_i^k - y_i^k (kModel) and y_i^k (kTracker) to every neighbor,
///   3. combines:  x_i^{k+1} = aggregate({x_j^k - y_j^k}),  z_i^{k+1} = sum_j W(i,j) y_j^k.
/// Invariant, if W is doubly stochastic: sum_i y_i^k = sum_i u_i^k, so that every peer follows
/// the mean gradient in the end, and a constant step reaches the optimum of the mean objective
/// however different the peers' own ones are. Momentum in the optimizer, or several local
/// steps, belong to train(): the tracker then tracks the mean update, whose fixed point is not
/// exactly the optimum. A learning rate that changes makes u a mixture of rates.
/// Nedic, Olshevsky, Shi. Achieving geometric convergence for distributed optimization over
/// time-varying graphs. SIAM Journal on Optimization 27(4), 2017 (DIGing: x_i^{k+1} =
/// sum_j W(i,j) x_j^k - y_i^k). Nedic, Olshevsky, Shi, Uribe. Geometrically convergent
/// distributed optimization with uncoordinated step-sizes. ACC 2017 (adapt-then-combine).
///
/// The aggregator mixes the models; the trackers are always averaged, in the order of the
/// senders, with the weights that the aggregator gets. Loss, crashes, joins and leaves are
/// handled as synchronous_rounds.hpp says, a letter being lost if either half is. The sum
/// of the trackers is kept as long as nothing is missing, and through a crash and restart if
/// the gradients are exact. For a letter that is missing stands a later one, or what `missing`
/// and `missing_weight` say, the tracker like the model. The sum is then off by at most the
/// letter's weight times the difference of the trackers that stand for each other (by nothing if
/// a link fails both ways and missing_weight is self). That difference vanishes as the peers
/// agree, but what was lost before stays lost: the peers then meet a little beside the
/// optimum. A peer that joins begins with y = u; one that leaves takes its tracker along.
std::unique_ptr<Protocol> make_protocol(const GradientTrackingOptions& options,
                                        const PeerView& view);

}  // namespace hearsay

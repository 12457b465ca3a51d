#include "node/protocols/a2cid2.hpp"

#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

bool needs_plan(const A2cid2Options& options) {
  return options.momentum && (options.chi1 <= 0.0 || options.chi2 <= 0.0);
}

std::optional<ContinuousMomentum> momentum_of(const A2cid2Options& options, const PeerView& view) {
  // A peer that will never meet anybody has nothing to gain.
  if (!options.momentum || view.neighbors.empty()) return std::nullopt;
  GossipConstants constants{.chi1 = options.chi1, .chi2 = options.chi2};
  if (needs_plan(options)) {
    HEARSAY_CHECK(view.plan != nullptr);
    if (options.chi1 <= 0.0) constants.chi1 = view.plan->constants.chi1;
    if (options.chi2 <= 0.0) constants.chi2 = view.plan->constants.chi2;
  }
  return continuous_momentum(constants);
}

}  // namespace

ContinuousMomentum continuous_momentum(const GossipConstants& constants) {
  return {.eta = 0.5 / std::sqrt(constants.chi1 * constants.chi2),
          .alpha = 0.5 * std::sqrt(constants.chi1 / constants.chi2)};
}

std::unique_ptr<Protocol> make_protocol(const A2cid2Options& options, const PeerView& view) {
  return make_pairwise_averaging(
      {.rounds = options.rounds,
       .idle = options.idle,
       .exchange = {.timeout = options.timeout, .attempts = options.attempts},
       .rate = options.rate / 2.0,
       .momentum = momentum_of(options, view)},
      view);
}

std::optional<GossipPlan> plan_of(const A2cid2Options& options, const Graph& graph) {
  if (!needs_plan(options)) return std::nullopt;
  const EdgeRates rates = EdgeRates::by_degree(graph, options.rate);
  return GossipPlan{.rates = rates, .constants = gossip_constants(rates)};
}

std::optional<std::string> unfit(const A2cid2Options& options, const Graph& graph) {
  if (!needs_plan(options)) return std::nullopt;
  std::optional<std::string> wrong = unfit_for_plan(graph);
  if (wrong) *wrong += "; or give protocol.chi1 and protocol.chi2";
  return wrong;
}

}  // namespace hearsay

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"
#include "topologies/gossip_plan.hpp"

namespace hearsay {

/// How the communications are spread over the edges.
enum class DadaoRates {
  kUniform,  ///< All edges alike.
  kOptimal,  ///< By topologies/gossip_rates.hpp: fewer in all.
};

constexpr auto enum_names(DadaoRates) {
  return std::array{EnumName{DadaoRates::kUniform, "uniform"},
                    EnumName{DadaoRates::kOptimal, "optimal"}};
}

struct DadaoOptions {
  static constexpr std::string_view kKind = "dadao";
  static constexpr std::string_view kSummary = "Decoupled accelerated asynchronous optimisation.";
  static constexpr bool kCommonRounds = false;

  int rounds = 50;  ///< Gradients of every peer; 0: until the run ends.
  double convexity = 0.0;
  double condition = 0.0;
  SimTime period{100'000'000};
  DadaoRates rates = DadaoRates::kUniform;
  SimTime timeout{1'000'000'000};
  int attempts = 3;

  friend bool operator==(const DadaoOptions&, const DadaoOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DadaoOptions& options) {
  visit("rounds", options.rounds, at_least(0), "gradients of every peer; 0: until the run ends");
  visit("convexity", options.convexity, at_least(0),
        "mu: learning rate x least curvature of the peers' objectives; 0: what the model tells");
  visit("condition", options.condition, at_least(0),
        "L / mu: greatest over least curvature, at least 1; 0: what the model tells");
  visit("period", options.period, above(0), "mean time between two gradients of a peer");
  visit("rates", options.rates, "how communications are spread over the edges");
  visit("timeout", options.timeout, above(0), "when a vector that is not answered is sent again");
  visit("attempts", options.attempts, at_least(1), "how often, before it is set aside");
}

/// DADAO: decentralised accelerated optimisation in continuous time, with gradients and
/// communications that know nothing of each other, for objectives f_i that are L-smooth and
/// mu-strongly convex. Each peer has (x, x~, y, y~, z, z~), at first its initial model and 0,
/// which flow into each other between events (dadao_state.hpp: system, events, constants).
///   * Each peer computes gradients as a Poisson process of rate 1 per `period`.
///   * Each edge {i, j} is used as a Poisson process of rate lambda_ij per `period`, begun by
///     the lower of the two; only y + z is told. In all these are sqrt(2 chi1 chi2)
///     communications, or fewer with `rates: optimal`: chi1 chi2 = 1/2 for the rates
///     (topologies/resistance.hpp).
/// E |x_i - x*|^2 falls as exp(-t sqrt(mu / L) / (8 sqrt 2)), t in periods.
/// Nabli, Oyallon. DADAO: Decoupled accelerated decentralized asynchronous optimization.
/// ICML 2023 (arXiv:2208.00779).
///
/// The gradient is u = x - train(x), lr times the true one with one plain SGD step of lr. So
/// the objectives are lr f_i, with the same optimum, and L and mu are those of lr f_i. Models
/// with an objective of their own tell them. Momentum, several local steps and noise are none
/// of the method.
///
/// Event-exact where messages and training take no time; else gradients and differences are
/// out of date when they are applied. A gradient that is due while one is computed follows
/// it, a communication with a neighbor while the last one is open is left out.
/// Communications are exchanges (pair_exchange.hpp) with their policy for loss: both ends
/// apply the same difference, so that sum_i z_i = sum_i z~_i = 0 is kept in all losses, but
/// not when a peer loses its state, leaves or never returns: then the models tend elsewhere.
/// A peer that crashes goes on with its own state, which stood still meanwhile. x is
/// reported after every gradient. State is held in double precision; models and messages
/// are float32, which limits what |x_i - x*| reaches to some 1e-6 |x*|. The aggregator is not
/// used: what is exchanged are no models.
///
/// REQUIRES: the view has a plan, that of plan_of(), and nothing is unfit().
std::unique_ptr<Protocol> make_protocol(const DadaoOptions& options, const PeerView& view);

/// REQUIRES: the graph is not unfit().
std::optional<GossipPlan> plan_of(const DadaoOptions& options, const Graph& graph);

/// The rates need a connected graph of at most 4096 peers.
std::optional<std::string> unfit(const DadaoOptions& options, const Graph& graph);

/// Convexity and condition must both be given, or both be told by the model.
std::optional<std::string> unfit(const DadaoOptions& options,
                                 const std::optional<Curvature>& curvature);

}  // namespace hearsay

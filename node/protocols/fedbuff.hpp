#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"
#include "node/protocols/staleness.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

struct FedbuffOptions {
  static constexpr std::string_view kKind = "fedbuff";
  static constexpr std::string_view kSummary = "A server that applies updates a buffer at a time.";
  static constexpr bool kCommonRounds = false;

  int rounds = 100;
  int server = 0;
  int buffer = 10;
  double server_lr = 1.0;
  StalenessOptions staleness;
  SimTime timeout{};

  friend bool operator==(const FedbuffOptions&, const FedbuffOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FedbuffOptions& options) {
  visit("rounds", options.rounds, at_least(0), "models that the server makes; 0: until the end");
  visit("server", options.server, at_least(0), "the peer that aggregates; its neighbors train");
  visit("buffer", options.buffer, at_least(1), "updates per model");
  visit("server_lr", options.server_lr, above(0), "step size of the server");
  visit("staleness", options.staleness, "how the weight of an update falls with staleness");
  visit("timeout", options.timeout, between(0, 1e6),
        "how long a client waits before it asks the server again; 0: for ever");
}

/// Federated learning with buffered asynchronous aggregation. A client that was sent w_tau
/// answers with its model after training; the server has Delta_i, that model minus w_tau. Once
/// it has K = `buffer` of these, made from whatever models,
///   w_{t+1} = w_t + eta_g / K sum_i s(t - tau_i) Delta_i,   eta_g = `server_lr`.
/// A client is given the newest model as soon as it has answered; all clients work all the
/// time (the paper's concurrency is the number of clients).
/// Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba. Federated Learning with Buffered
/// Asynchronous Aggregation. AISTATS 2022, arXiv:2106.06639; s(tau) = (tau + 1)^-0.5 there.
///
/// The step is done by the aggregator, as update_mixing.hpp says. A peer's round is the
/// number of the newest model of the server that it has had. Losses and failures:
/// async_server.hpp, server_client.hpp. Nobody waits for a client; a client whose answer or
/// next task is lost waits for ever if timeout is 0.
std::unique_ptr<Protocol> make_protocol(const FedbuffOptions& options, const PeerView& view);

std::optional<std::string> unfit(const FedbuffOptions& options, const Graph& graph);

}  // namespace hearsay

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

struct FedasyncOptions {
  static constexpr std::string_view kKind = "fedasync";
  static constexpr std::string_view kSummary = "A server that mixes in every model as it comes.";
  static constexpr bool kCommonRounds = false;

  int rounds = 100;
  int server = 0;
  double alpha = 0.6;
  StalenessOptions staleness;
  SimTime timeout{};

  friend bool operator==(const FedasyncOptions&, const FedasyncOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FedasyncOptions& options) {
  visit("rounds", options.rounds, at_least(0), "models that the server makes; 0: until the end");
  visit("server", options.server, at_least(0), "the peer that mixes; its neighbors train");
  visit("alpha", options.alpha, {.low = 0, .high = 1, .low_open = true},
        "weight of a model that is not stale");
  visit("staleness", options.staleness, "how that weight falls with staleness");
  visit("timeout", options.timeout, between(0, 1e6),
        "how long a client waits before it asks the server again; 0: for ever");
}

/// Asynchronous federated optimisation. When a model x_new arrives that was trained from the
/// server's model number tau, the server makes its model number t,
///   x_t = (1 - alpha_t) x_{t-1} + alpha_t x_new,   alpha_t = alpha s(t - 1 - tau),
/// and sends it to that client, which trains again at once. s: staleness.hpp; staleness counts
/// from 0, as in update_mixing.hpp.
/// Xie, Koyejo, Gupta. Asynchronous Federated Optimization. arXiv:1903.03934, 2019; without
/// its proximal term, which would belong to the local training.
///
/// The mixing is done by the aggregator; rules that do not look at weights ignore alpha and
/// staleness. A peer's round is the number of the newest model of the server that it has had.
/// Losses and failures: async_server.hpp, server_client.hpp. Nobody waits for a client; a
/// client whose answer or next task is lost waits for ever if timeout is 0.
std::unique_ptr<Protocol> make_protocol(const FedasyncOptions& options, const PeerView& view);

std::optional<std::string> unfit(const FedasyncOptions& options, const Graph& graph);

}  // namespace hearsay

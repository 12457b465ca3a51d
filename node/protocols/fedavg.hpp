#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/time.hpp"
#include "node/protocols/protocol.hpp"
#include "topologies/graph.hpp"

namespace hearsay {

/// What the server does about a client that does not answer.
enum class MissingClients {
  kWait,  ///< Wait for ever.
  kDrop,  ///< After `timeout` go on without it.
};

constexpr auto enum_names(MissingClients) {
  return std::array{EnumName{MissingClients::kWait, "wait"},
                    EnumName{MissingClients::kDrop, "drop"}};
}

struct FedavgOptions {
  static constexpr std::string_view kKind = "fedavg";
  static constexpr std::string_view kSummary = "Federated averaging by a server.";
  static constexpr bool kCommonRounds = true;

  int rounds = 50;
  int server = 0;
  Count clients{};
  MissingClients missing = MissingClients::kWait;
  SimTime timeout{10'000'000'000};
  int least = 1;

  friend bool operator==(const FedavgOptions&, const FedavgOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FedavgOptions& options) {
  visit("rounds", options.rounds, at_least(1), "rounds of the server");
  visit("server", options.server, at_least(0), "the peer that averages; its neighbors train");
  visit("clients", options.clients, at_least(1), "clients drawn per round: a number or all");
  visit("missing", options.missing, "what to do about clients that do not answer");
  visit("timeout", options.timeout, {.low = 0, .high = 1e6, .low_open = true},
        "with missing: drop, how long a round may take, trainings included");
  visit("least", options.least, at_least(1),
        "with missing: drop, answers without which a round changes nothing");
}

/// Federated averaging. In round t the server, which does not train,
///   1. draws a set S_t of m clients, without replacement, and sends them its model w_t,
///   2. each of which trains it: w_{t+1}^k = w_t - (local SGD steps), and sends that back;
///   3. combines: w_{t+1} = sum_{k in S_t} n_k / n w_{t+1}^k.
/// McMahan, Moore, Ramage, Hampson, Aguera y Arcas. Communication-Efficient Learning of Deep
/// Networks from Decentralized Data. AISTATS 2017, arXiv:1602.05629.
///
/// Step 3 is done by the aggregator, any one, of `own` = w_t with weight 0 and the answers
/// with weight 1/m each. Of n_k knows only aggregator decavg: it gives the paper's weights if
/// the server owns no samples (data.holders), and else w_t a share of them.
///
/// The server reports round t + 1 when it has w_{t+1}, a client when it is sent w_{t+1}. A
/// client that is not drawn skips the round; in the end all are sent w_T. So all that report
/// a round hold the same model.
///
/// Losses and failures. With missing: wait the server waits for all clients drawn but those
/// that have left. With missing: drop a round takes `timeout` at most: after it the answers
/// are combined if there are `least` of them; else the round ends with the model unchanged
/// (Bonawitz et al. Towards Federated Learning at Scale: System Design. MLSys 2019: the round
/// is abandoned). A client that let the timeout pass is drawn as before, but not waited for
/// until it is heard from. A client that joins or restarts, or has waited for the timeout,
/// says hello (server_client.hpp); the server gives it the task that it has not done, and
/// draws it as well if the round under way has fewer than m. A server that restarts begins
/// its round again. Without the server nobody goes on.
std::unique_ptr<Protocol> make_protocol(const FedavgOptions& options, const PeerView& view);

std::optional<std::string> unfit(const FedavgOptions& options, const Graph& graph);

}  // namespace hearsay

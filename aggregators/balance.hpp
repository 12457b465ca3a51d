#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct BalanceOptions {
  static constexpr std::string_view kKind = "balance";
  static constexpr std::string_view kSummary =
      "BALANCE: neighbors within a share of the own model's length, which falls with time.";
  static constexpr std::string_view kReference = "Fang et al., CCS 2024, arXiv:2406.10416";
  static constexpr Space kSpace = Space::kModel;

  double alpha = 0.5;
  double gamma = 0.3;
  double kappa = 1.0;
  int rounds = 100;

  friend bool operator==(const BalanceOptions&, const BalanceOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, BalanceOptions& options) {
  visit("alpha", options.alpha, between(0, 1), "weight of the own model");
  visit("gamma", options.gamma, above(0), "accepted distance over the own model's length");
  visit("kappa", options.kappa, at_least(0), "how fast that falls: by exp(-kappa) over all rounds");
  visit("rounds", options.rounds, at_least(1), "T, the protocol's number of rounds");
}

/// BALANCE: in round t of T,
///   S = {j : ||w_i - w_j|| <= gamma exp(-kappa t / T) ||w_i||}, j over all received models,
///   result = alpha w_i + (1 - alpha) / |S| sum_{j in S} w_j;   w_i if S is empty.
/// The paper's lambda(t) is t / T. Rounds beyond T count as T. The mixing matrix is not used.
/// Space: model, although the rule goes by a norm: the paper measures distances against the
/// length of the model, which updates do not have.
///
/// Fang, Zhang, Hairi, Khanduri, Liu, Lu, Liu, Gong. Byzantine-Robust Decentralized Federated
/// Learning. CCS 2024, arXiv:2406.10416.
std::unique_ptr<Aggregator> make_aggregator(const BalanceOptions& options);

}  // namespace hearsay

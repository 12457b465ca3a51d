#pragma once

#include <memory>
#include <string_view>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

struct IosOptions {
  static constexpr std::string_view kKind = "ios";
  static constexpr std::string_view kSummary =
      "Iterative outlier scissor: drop the farthest from the mean, f times.";
  static constexpr std::string_view kReference =
      "Wu, Chen, Ling, IEEE Trans. Signal Processing 71, 2023";
  static constexpr Space kSpace = Space::kModel;

  int f = 1;

  friend bool operator==(const IosOptions&, const IosOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, IosOptions& options) {
  visit("f", options.f, at_least(0), "attackers among the neighbors, b_i in the paper");
}

/// Iterative outlier scissor (IOS): begin with U = the peer i and all it heard; f times, with
///   m = sum_{j in U} W(i,j) x_j / sum_{j in U} W(i,j),
/// remove from U the neighbor, never i itself, that is farthest from m; of equally far ones
/// the lowest sender's. The result is m over the remaining U. W is the mixing matrix; the
/// paper's is 1 / max(|N_i| + 1, |N_j| + 1), Metropolis-Hastings. The weight of a neighbor that
/// was not heard goes to i. Feasible if 3 f < n, n the number of models, own
/// included: the paper's contraction is finite while attackers weigh less than 1/3.
/// Space: model (translation-equivariant). Reads memory f + 1 times.
///
/// Wu, Chen, Ling. Byzantine-Resilient Decentralized Stochastic Optimization with Robust
/// Aggregation Rules. IEEE Transactions on Signal Processing 71:3179-3195, 2023.
std::unique_ptr<Aggregator> make_aggregator(const IosOptions& options);

}  // namespace hearsay

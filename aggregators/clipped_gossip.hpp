#pragma once

#include <memory>
#include <string_view>
#include <variant>

#include "aggregators/aggregator.hpp"
#include "aggregators/space.hpp"
#include "node/base/describe.hpp"

namespace hearsay {

/// The same radius for all peers and rounds.
struct FixedRadius {
  static constexpr std::string_view kKind = "fixed";
  static constexpr std::string_view kSummary = "The same for all peers and rounds.";

  double tau = 1.0;

  friend bool operator==(const FixedRadius&, const FixedRadius&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FixedRadius& options) {
  visit("tau", options.tau, above(0), "longest difference that is not shortened");
}

/// The second largest distance of a neighbor, of the only neighbor its own: as in the
/// authors' code (github.com/epfml/byzantine-robust-decentralized-optimizer).
struct SecondLargestRadius {
  static constexpr std::string_view kKind = "second_largest";
  static constexpr std::string_view kSummary = "The second largest distance of a neighbor.";

  friend bool operator==(const SecondLargestRadius&, const SecondLargestRadius&) = default;
};

template <class Visitor>
void describe(Visitor&, SecondLargestRadius&) {}

/// The paper's practical radius, with delta what f attackers among the neighbors can weigh at
/// most (the sum of the f largest W(i,j) heard) and S the peer itself and its nearest
/// neighbors, as few as weigh 1 - delta or more:
///   tau_i = sqrt(1 / delta sum_{j in S} W(i,j) ||x_i - x_j||^2);   no limit if delta = 0.
struct AdaptiveRadius {
  static constexpr std::string_view kKind = "adaptive";
  static constexpr std::string_view kSummary = "From the distances of the nearest neighbors.";

  int f = 1;

  friend bool operator==(const AdaptiveRadius&, const AdaptiveRadius&) = default;
};

template <class Visitor>
void describe(Visitor& visit, AdaptiveRadius& options) {
  visit("f", options.f, at_least(0), "attackers among the neighbors");
}

/// The radius of the paper's theory, which knows who attacks (AggregationContext::attackers):
///   tau_i = sqrt(sum_{j honest} W(i,j) ||x_i - x_j||^2 / sum_{j attacking} W(i,j)),
/// no limit where no neighbor attacks.
struct OracleRadius {
  static constexpr std::string_view kKind = "oracle";
  static constexpr std::string_view kSummary = "The theory's, which knows who attacks.";

  friend bool operator==(const OracleRadius&, const OracleRadius&) = default;
};

template <class Visitor>
void describe(Visitor&, OracleRadius&) {}

struct ClippedGossipOptions {
  static constexpr std::string_view kKind = "clipped_gossip";
  static constexpr std::string_view kSummary =
      "Gossip with differences clipped around the own model (SCClip).";
  static constexpr std::string_view kReference = "He, Karimireddy, Jaggi, arXiv:2202.01545, 2022";
  static constexpr Space kSpace = Space::kModel;

  using Radius = std::variant<SecondLargestRadius, FixedRadius, AdaptiveRadius, OracleRadius>;

  Radius radius;

  friend bool operator==(const ClippedGossipOptions&, const ClippedGossipOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ClippedGossipOptions& options) {
  visit("radius", options.radius, "longest difference to the own model that is not shortened");
}

/// ClippedGossip, also self-centered clipping (SCClip):
///   result = sum_j W(i,j) (x_i + Clip(x_j - x_i, tau_i)),   Clip(z, tau) = min(1, tau / ||z||) z,
/// j over the peer i itself and all it heard; what is missing of the weights' sum 1 goes to
/// the own model. Space: model (translation-equivariant); with a fixed radius scaling all
/// models does not scale the result. Feasible with the adaptive radius if 2 f < n, n the
/// number of models, own included; else always. Influence of j: W(i,j) min(1, tau / ||z||).
///
/// He, Karimireddy, Jaggi. Byzantine-Robust Decentralized Learning via ClippedGossip.
/// arXiv:2202.01545, 2022.
std::unique_ptr<Aggregator> make_aggregator(const ClippedGossipOptions& options);

}  // namespace hearsay

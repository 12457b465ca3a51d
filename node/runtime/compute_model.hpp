#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/peer_id.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// Every local step takes the same virtual time on every peer.
struct FixedComputeOptions {
  static constexpr std::string_view kKind = "fixed";
  static constexpr std::string_view kSummary = "Every local step takes step_time.";

  SimTime step_time{2'000'000};
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const FixedComputeOptions&, const FixedComputeOptions&) = default;
};

/// Peers differ: peer i's step takes step_time * exp(sigma * z_i), z_i ~ N(0, 1)
/// drawn once per peer. Its aggregations scale alike.
struct LognormalComputeOptions {
  static constexpr std::string_view kKind = "lognormal";
  static constexpr std::string_view kSummary = "Each peer's speed drawn once, lognormal.";

  SimTime step_time{2'000'000};
  double sigma = 0.5;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const LognormalComputeOptions&, const LognormalComputeOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FixedComputeOptions& options) {
  visit("step_time", options.step_time, at_least(0), "virtual time of one local step");
  visit("aggregation_time", options.aggregation_time, at_least(0),
        "virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, LognormalComputeOptions& options) {
  visit("step_time", options.step_time, at_least(0), "median virtual time of one local step");
  visit("sigma", options.sigma, between(0, 5), "standard deviation of the log");
  visit("aggregation_time", options.aggregation_time, at_least(0),
        "median virtual time of one aggregation");
}

using ComputeOptions = std::variant<FixedComputeOptions, LognormalComputeOptions>;

/// What computing costs each peer in virtual time. Immutable.
class ComputeModel {
 public:
  ComputeModel(const ComputeOptions& options, int num_peers, const Rng& rng);

  SimTime training_time(PeerId peer, int steps) const;
  SimTime aggregation_time(PeerId peer) const;

 private:
  SimTime step_time_;
  SimTime aggregation_time_;
  std::vector<double> factors_;  ///< Per peer; empty: all 1.
};

}  // namespace hearsay

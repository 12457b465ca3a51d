#pragma once

#include <string_view>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"

/// Compute models in which a peer is slow or fast for good, give or take some jitter.
/// Those in which it is slow now and then: straggler_options.hpp.

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

/// FedCompass's regime `homo`: peers are alike but for jitter. With mu = step_time, peer
/// i's step time is t_i = mu, and all steps of one training take
///   N(t_i, (jitter * t_i)^2), redrawn until above 0,
/// drawn once per training. An aggregation takes aggregation_time * t_i / mu with a
/// jitter of its own. The authors' mu is 0.15 s (MNIST).
///
/// Li et al. FedCompass: Efficient Cross-Silo Federated Learning on Heterogeneous Client
/// Devices Using a Computing Power Aware Scheduler. ICLR 2024, arXiv:2309.14675.
struct HomoComputeOptions {
  static constexpr std::string_view kKind = "homo";
  static constexpr std::string_view kSummary = "Equal speeds with jitter (FedCompass).";

  SimTime step_time{2'000'000};
  double jitter = 0.05;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const HomoComputeOptions&, const HomoComputeOptions&) = default;
};

/// FedCompass's regime `normal`: as `homo`, but t_i ~ N(mu, (spread * mu)^2), redrawn
/// until above 0, once per peer. Redrawing moves the mean up: by less than 0.1 % with a
/// spread of 0.3, to 1.29 mu with 1.
struct NormalComputeOptions {
  static constexpr std::string_view kKind = "normal";
  static constexpr std::string_view kSummary = "Normal speeds with jitter (FedCompass).";

  SimTime step_time{2'000'000};
  double spread = 0.3;
  double jitter = 0.05;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const NormalComputeOptions&, const NormalComputeOptions&) = default;
};

/// FedCompass's regime `exp`: as `homo`, but t_i ~ Exp(mean mu), once per peer.
struct ExponentialComputeOptions {
  static constexpr std::string_view kKind = "exponential";
  static constexpr std::string_view kSummary = "Exponential step times with jitter (FedCompass).";

  SimTime step_time{2'000'000};
  double jitter = 0.05;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const ExponentialComputeOptions&,
                         const ExponentialComputeOptions&) = default;
};

/// Classes of devices: shares[k] of the peers take factors[k] times step_time per step,
/// and as many times aggregation_time. Of n peers, class k has
/// round(n * (shares[0] + ... + shares[k])) - round(n * (shares[0] + ... + shares[k-1])),
/// the last one the rest; who is in which class is drawn.
/// REQUIRES: one factor per share; shares add up to 1, give or take 0.001.
struct ClassesComputeOptions {
  static constexpr std::string_view kKind = "classes";
  static constexpr std::string_view kSummary =
      "Classes of devices, each with a share of the peers.";

  SimTime step_time{2'000'000};
  std::vector<double> shares{0.5, 0.3, 0.2};
  std::vector<double> factors{1.0, 2.0, 5.0};
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const ClassesComputeOptions&, const ClassesComputeOptions&) = default;
};

/// Every local step takes `slowdown` times what it takes this machine, measured before
/// the run (node/learning/step_timing.hpp). Results DEPEND ON THE MACHINE, and on how busy
/// it is: a repetition has other virtual times, and where time decides who hears what,
/// other models. Use another kind for results that others are to repeat.
struct MeasuredComputeOptions {
  static constexpr std::string_view kKind = "measured";
  static constexpr std::string_view kSummary =
      "Steps as long as on this machine; not repeatable elsewhere.";

  double slowdown = 1.0;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const MeasuredComputeOptions&, const MeasuredComputeOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, FixedComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS),
        "virtual time of one local step");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, LognormalComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS),
        "median virtual time of one local step");
  visit("sigma", options.sigma, between(0, 5), "standard deviation of the log");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "median virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, HomoComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS),
        "mean virtual time of one local step");
  visit("jitter", options.jitter, between(0, 1), "relative deviation from task to task");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "mean virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, NormalComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS),
        "mean virtual time of one local step");
  visit("spread", options.spread, between(0, 1), "relative deviation from peer to peer");
  visit("jitter", options.jitter, between(0, 1), "relative deviation from task to task");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "mean virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, ExponentialComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS),
        "mean virtual time of one local step");
  visit("jitter", options.jitter, between(0, 1), "relative deviation from task to task");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "mean virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, ClassesComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS),
        "local step of a peer with factor 1");
  visit("shares", options.shares, between(0, 1), "share of the peers in each class; sum 1");
  visit("factors", options.factors, between(0, 1e6), "slowdown of each class");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "aggregation of a peer with factor 1");
}

template <class Visitor>
void describe(Visitor& visit, MeasuredComputeOptions& options) {
  visit("slowdown", options.slowdown, between(0, 1e6), "virtual over measured time of a step");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "virtual time of one aggregation");
}

}  // namespace hearsay

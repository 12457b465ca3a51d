#pragma once

#include <string>
#include <string_view>

#include "node/base/describe.hpp"
#include "node/base/quantity.hpp"
#include "node/base/time.hpp"

/// Compute models in which a peer is slow now and then.

namespace hearsay {

/// Every task, training or aggregation, takes U^(-1/shape) times its shortest time, U
/// uniform in (0, 1] and drawn for each task: Pareto(shape), P(factor > x) = x^-shape,
/// mean shape / (shape - 1), infinite for shape 1. Tasks in data centers have shapes
/// between 1 and 2: a few of them hold up the rest.
///
/// Ananthanarayanan, Ghodsi, Shenker, Stoica. Effective Straggler Mitigation: Attack of
/// the Clones. NSDI 2013.
struct ParetoComputeOptions {
  static constexpr std::string_view kKind = "pareto";
  static constexpr std::string_view kSummary = "Each task slowed down anew, with a heavy tail.";

  SimTime step_time{2'000'000};
  double shape = 2.0;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const ParetoComputeOptions&, const ParetoComputeOptions&) = default;
};

/// Bursts of slow trainings. Each peer is in a good or a bad state, which may change from
/// one of its trainings to the next, P(good -> bad) = p, P(bad -> good) = q; a training
/// in the bad state takes `factor` times as long. The first state is drawn from the
/// stationary distribution: P(bad) = p / (p + q) in every training (good if p = q = 0).
/// Bursts of bad trainings last 1 / q on average, P(burst <= b) = 1 - (1 - q)^b.
/// Besides, whole rounds go bad together: with probability bad_round the nth trainings of
/// all peers take bad_round_factor times as long, on top. Aggregations are never slowed.
///
/// The defaults are near what AWS Lambda shows when twice the fastest worker's time is
/// slow (p = 0.048, q = 0.9). With 1.5 times, p = 0.09 and q = 0.74.
///
/// Gilbert. Capacity of a Burst-Noise Channel. Bell System Technical Journal 39, 1960.
/// Elliott. Estimates of Error Rates for Codes on Burst-Noise Channels. BSTJ 42, 1963.
/// For stragglers: Krishnan, Ebrahimi, Khisti. Sequential Gradient Coding for Straggler
/// Mitigation. ICLR 2023, arXiv:2211.13802.
struct GilbertElliottComputeOptions {
  static constexpr std::string_view kKind = "gilbert_elliott";
  static constexpr std::string_view kSummary = "Bursts of slow trainings, and rounds slow for all.";

  SimTime step_time{2'000'000};
  Fraction p{0.05};
  Fraction q{0.9};
  double factor = 5.0;
  Fraction bad_round{0.0};
  double bad_round_factor = 2.0;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const GilbertElliottComputeOptions&,
                         const GilbertElliottComputeOptions&) = default;
};

/// Step times from a CSV file (node/base/csv.hpp) in one of two forms:
///   peer,step_ms       a peer's rows, in their order, are its trainings
///   peer,nth,step_ms   the same, with nth, which counts from 0, written out
/// step_ms is the time of one local step in milliseconds. After its last row a peer
/// starts over with its first. Every peer needs a row; a row for any other is an error.
struct TraceComputeOptions {
  static constexpr std::string_view kKind = "trace";
  static constexpr std::string_view kSummary = "Step times of each peer's trainings from a file.";

  std::string file;
  SimTime aggregation_time{1'000'000};

  friend bool operator==(const TraceComputeOptions&, const TraceComputeOptions&) = default;
};

template <class Visitor>
void describe(Visitor& visit, ParetoComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS),
        "shortest virtual time of one local step");
  visit("shape", options.shape, at_least(1), "exponent of the tail; below 2: infinite variance");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "shortest virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, GilbertElliottComputeOptions& options) {
  visit("step_time", options.step_time, between(0, kLongestDelayS), "local step in the good state");
  visit("p", options.p, between(0, 1), "chance that a bad training follows a good one");
  visit("q", options.q, between(0, 1), "chance that a good training follows a bad one");
  visit("factor", options.factor, between(1, 1e6), "slowdown in the bad state");
  visit("bad_round", options.bad_round, between(0, 1), "chance that all peers' nth is slow");
  visit("bad_round_factor", options.bad_round_factor, between(1, 1e6), "slowdown then");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "virtual time of one aggregation");
}

template <class Visitor>
void describe(Visitor& visit, TraceComputeOptions& options) {
  visit("file", options.file, "CSV file: peer,step_ms or peer,nth,step_ms");
  visit("aggregation_time", options.aggregation_time, between(0, kLongestDelayS),
        "virtual time of one aggregation");
}

}  // namespace hearsay

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "node/base/archive.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// What one peer has done and met so far; summed over peers, what all have.
struct PeerCounters {
  /// Models that went into an aggregation, by the number of rounds they lagged behind;
  /// the last entry holds all that lagged further.
  static constexpr std::size_t kStalenessBins = 8;

  std::int64_t bytes_received = 0;
  std::int64_t bytes_sent = 0;
  std::int64_t messages_sent = 0;
  std::int64_t messages_lost = 0;     ///< Of those sent: lost by network, fault or dead receiver.
  std::int64_t messages_late = 0;     ///< Received after they were of use.
  std::int64_t messages_refused = 0;  ///< Received, but altered or not as the protocol wants.
  std::int64_t steps = 0;             ///< Local steps whose result was used.
  std::int64_t samples = 0;           ///< Training samples of these, with repetition.
  std::int64_t wasted_steps = 0;      ///< Local steps lost in a crash.
  SimTime busy;                       ///< Time spent training and aggregating.
  SimTime up;                         ///< Time up since the start.
  std::int64_t models_heard = 0;      ///< Received models that went into an aggregation.
  std::int64_t staleness_sum = 0;     ///< Rounds by which those lagged behind, summed.
  std::array<std::int64_t, kStalenessBins> staleness{};
  std::int64_t models_not_finite = 0;        ///< Left out of aggregations.
  std::int64_t infeasible_aggregations = 0;  ///< Where the rule could not work.

  /// Attackers' models that it combined, being honest, and the share of them that the rule
  /// let through, summed (AggregationResult).
  std::int64_t attacks_combined = 0;
  double attack_influence = 0.0;

  PeerCounters& operator+=(const PeerCounters& other) {
    bytes_received += other.bytes_received;
    bytes_sent += other.bytes_sent;
    messages_sent += other.messages_sent;
    messages_lost += other.messages_lost;
    messages_late += other.messages_late;
    messages_refused += other.messages_refused;
    steps += other.steps;
    samples += other.samples;
    wasted_steps += other.wasted_steps;
    busy = busy + other.busy;
    up = up + other.up;
    models_heard += other.models_heard;
    staleness_sum += other.staleness_sum;
    for (std::size_t lag = 0; lag < kStalenessBins; ++lag) staleness[lag] += other.staleness[lag];
    models_not_finite += other.models_not_finite;
    infeasible_aggregations += other.infeasible_aggregations;
    attacks_combined += other.attacks_combined;
    attack_influence += other.attack_influence;
    return *this;
  }

  /// Raises each number to that of `other`, where it is less.
  void raise_to(const PeerCounters& other) {
    const auto raise = [](auto& mine, const auto& theirs) {
      if (mine < theirs) mine = theirs;
    };
    raise(bytes_received, other.bytes_received);
    raise(bytes_sent, other.bytes_sent);
    raise(messages_sent, other.messages_sent);
    raise(messages_lost, other.messages_lost);
    raise(messages_late, other.messages_late);
    raise(messages_refused, other.messages_refused);
    raise(steps, other.steps);
    raise(samples, other.samples);
    raise(wasted_steps, other.wasted_steps);
    raise(busy, other.busy);
    raise(up, other.up);
    raise(models_heard, other.models_heard);
    raise(staleness_sum, other.staleness_sum);
    raise(models_not_finite, other.models_not_finite);
    raise(infeasible_aggregations, other.infeasible_aggregations);
    raise(attacks_combined, other.attacks_combined);
    raise(attack_influence, other.attack_influence);
    for (std::size_t lag = 0; lag < kStalenessBins; ++lag) {
      raise(staleness[lag], other.staleness[lag]);
    }
  }

  void persist(Archive& archive) {
    archive(bytes_received, bytes_sent, messages_sent, messages_lost, messages_late,
            messages_refused, steps, samples, wasted_steps, busy, up, models_heard, staleness_sum,
            staleness, models_not_finite, infeasible_aggregations, attacks_combined,
            attack_influence);
  }
};

}  // namespace hearsay

#pragma once

#include <cstdint>

namespace hearsay {

/// What one peer has done so far; summed over peers, what all have done.
struct PeerCounters {
  std::int64_t steps = 0;    ///< Local steps.
  std::int64_t samples = 0;  ///< Training samples processed, with repetition.
  std::int64_t bytes_sent = 0;
  std::int64_t bytes_received = 0;
  std::int64_t messages_sent = 0;
  std::int64_t messages_lost = 0;  ///< Of those sent: dropped by the network model.
  std::int64_t models_heard = 0;   ///< Received models that went into an aggregation.
  std::int64_t staleness_sum = 0;  ///< Rounds by which those lagged behind, summed.

  PeerCounters& operator+=(const PeerCounters& other) {
    steps += other.steps;
    samples += other.samples;
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    messages_sent += other.messages_sent;
    messages_lost += other.messages_lost;
    models_heard += other.models_heard;
    staleness_sum += other.staleness_sum;
    return *this;
  }
};

}  // namespace hearsay

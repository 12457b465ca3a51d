#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "node/base/rng.hpp"

namespace hearsay {

/// Deals a peer's samples into mini-batches: every epoch is a fresh shuffle, cut into
/// batches of batch_size, the last one shorter (PyTorch's DataLoader with shuffle and
/// without drop_last). Batch `step` is a pure function of (stream, owned samples,
/// batch_size, step); the object only caches the current epoch's order.
class BatchSampler {
 public:
  /// Sample indices of the batch at this step (0, 1, ...), valid until the next call.
  /// `stream` is the peer's stream for batches. REQUIRES: owned is not empty,
  /// batch_size >= 1, the same arguments but `step` at every call.
  std::span<const std::uint32_t> batch(std::int64_t step, std::span<const std::uint32_t> owned,
                                       int batch_size, const Rng& stream);

  /// Steps of one epoch: ceil(samples / batch_size).
  static std::int64_t steps_per_epoch(std::int64_t samples, int batch_size) {
    return (samples + batch_size - 1) / batch_size;
  }

 private:
  std::int64_t epoch_ = -1;
  std::vector<std::uint32_t> order_;
};

}  // namespace hearsay

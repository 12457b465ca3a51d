#pragma once

#include <cstdint>
#include <span>

namespace hearsay {

struct AdamOptions;

/// The peer's memory of its gradients; one entry per parameter, zeros at first.
struct AdamMoments {
  std::span<float> mean;     ///< m
  std::span<float> squares;  ///< v
};

/// One step of Adam, as AdamOptions defines it, at local step t >= 0 (k = t + 1); the
/// gradient has the weight decay in it already. Every entry is computed by itself, in single
/// precision with the factors of m, v and the step rounded from double. All spans have one
/// size.
void adam_step(const AdamOptions& options, std::int64_t t, std::span<const float> gradient,
               AdamMoments moments, std::span<float> parameters);

}  // namespace hearsay

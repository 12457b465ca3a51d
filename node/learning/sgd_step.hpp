#pragma once

#include <cstdint>

namespace hearsay {

struct SgdOptions;

/// The numbers of one SGD step, in the precision of the parameters x, the velocity v
/// and the gradient g:
///   g += weight_decay * x;  v = momentum * v + g;  x -= lr * v.
/// v starts as zeros; without momentum there is no v and x -= lr * g.
struct SgdStep {
  float lr = 0.0F;
  float momentum = 0.0F;
  float weight_decay = 0.0F;
};

/// The step that `options` asks for at local step t >= 0.
SgdStep sgd_step_at(const SgdOptions& options, std::int64_t t);

}  // namespace hearsay

#include "node/learning/sgd_step.hpp"

#include "node/learning/training_options.hpp"

namespace hearsay {

SgdStep sgd_step_at(const SgdOptions& options, std::int64_t t) {
  return {.lr = static_cast<float>(options.lr * schedule_factor(options.schedule, t)),
          .momentum = static_cast<float>(options.momentum),
          .weight_decay = static_cast<float>(options.weight_decay)};
}

}  // namespace hearsay

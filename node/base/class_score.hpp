#pragma once

#include <cstdint>

namespace hearsay {

/// How well a model does on samples of one class.
struct ClassScore {
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  std::int64_t predicted = 0;  ///< Samples of any class that were taken for this one.
};

}  // namespace hearsay

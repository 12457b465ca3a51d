#pragma once

#include <chrono>

namespace hearsay {

/// Measures how long our own work takes on the wall clock, for reports. Never part of
/// what is simulated.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace hearsay

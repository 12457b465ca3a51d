#pragma once

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace hearsay {

/// Measures how long our own work takes, for reports. Never part of what is simulated.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The same in CPU time of the calling thread: start and read it on one thread.
class CpuStopwatch {
 public:
  double seconds() const { return now() - start_; }

  /// Adds the seconds so far to a total of nanoseconds.
  void add_to(std::atomic<std::int64_t>& nanoseconds) const {
    nanoseconds.fetch_add(static_cast<std::int64_t>(seconds() * 1e9), std::memory_order_relaxed);
  }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }

  double start_ = now();
};

}  // namespace hearsay

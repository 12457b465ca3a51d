#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>

namespace hearsay {

/// A span of virtual (or steady-clock) time in integer nanoseconds; also used for
/// a point in time, counted from the start of the run. Integer, so that sums do
/// not depend on their order. Range: about +-292 years.
struct SimTime {
  std::int64_t nanoseconds = 0;

  static constexpr SimTime max() { return {std::numeric_limits<std::int64_t>::max()}; }

  /// Rounds to the nearest nanosecond. REQUIRES: |seconds| < 9e9.
  static SimTime from_seconds(double seconds) { return {std::llround(seconds * 1e9)}; }
  constexpr double seconds() const { return static_cast<double>(nanoseconds) / 1e9; }

  friend constexpr auto operator<=>(SimTime, SimTime) = default;
  friend constexpr SimTime operator+(SimTime a, SimTime b) {
    return {a.nanoseconds + b.nanoseconds};
  }
  friend constexpr SimTime operator-(SimTime a, SimTime b) {
    return {a.nanoseconds - b.nanoseconds};
  }
  friend constexpr SimTime operator*(SimTime a, std::int64_t factor) {
    return {a.nanoseconds * factor};
  }
};

}  // namespace hearsay

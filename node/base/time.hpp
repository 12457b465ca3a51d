#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>

#include "node/base/check.hpp"

namespace hearsay {

/// A span of virtual (or steady-clock) time in integer nanoseconds; also used for
/// a point in time, counted from the start of the run. Integer, so that sums do
/// not depend on their order. Range: about +-292 years.
struct SimTime {
  std::int64_t nanoseconds = 0;

  static constexpr SimTime max() { return {std::numeric_limits<std::int64_t>::max()}; }

  /// Rounds to the nearest nanosecond. REQUIRES: |seconds| < 9e9.
  static SimTime from_seconds(double seconds) { return {std::llround(seconds * 1e9)}; }

  /// Drops the fraction of a nanosecond; max() for what lies beyond, and for what is not a
  /// number. REQUIRES: nanoseconds above -9e18.
  static constexpr SimTime from_nanoseconds(double nanoseconds) {
    constexpr double kEnd = 0x1.0p63;
    return nanoseconds < kEnd ? SimTime{static_cast<std::int64_t>(nanoseconds)} : max();
  }
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

/// a + b, or SimTime::max(), which stands for never, where that lies beyond it.
/// REQUIRES: b >= 0.
constexpr SimTime add_saturating(SimTime a, SimTime b) {
  HEARSAY_CHECK(b >= SimTime{});
  SimTime sum;
  const bool overflows = __builtin_add_overflow(a.nanoseconds, b.nanoseconds, &sum.nanoseconds);
  return overflows ? SimTime::max() : sum;
}

/// Bounds of what a scenario may ask for, in seconds: of a delay or a piece of work (11
/// days), and of a point in time (31 years). Sums stay far from SimTime's end.
constexpr double kLongestDelayS = 1e6;
constexpr double kLatestTimeS = 1e9;

}  // namespace hearsay

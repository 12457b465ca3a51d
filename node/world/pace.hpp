#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "node/world/time_intervals.hpp"

namespace hearsay {

/// A slow-down of one peer: work takes `factor` times as long.
struct SlowSpan {
  TimeInterval when;
  double factor = 1.0;  ///< Above 0.
};

/// How fast a peer gets on with its work, as a function of time: full speed but for
/// slow-downs, whose factors multiply where they overlap, and freezes, in which nothing is
/// done. Integer arithmetic throughout. A factor f counts as c = round(2^20 f) / 2^20; in
/// a stretch of constant c, L nanoseconds do floor(L / c) nanoseconds of work, so that
/// less than one nanosecond of work is lost at each change.
class Pace {
 public:
  /// Full speed, always.
  Pace() = default;

  /// `frozen` as merged() returns it, not before time 0.
  Pace(std::span<const SlowSpan> slow_spans, std::span<const TimeInterval> frozen);

  /// The first time from `start` on at which `work` is done; SimTime::max() for never.
  /// O(log changes). REQUIRES: start >= 0, work >= 0.
  SimTime finish(SimTime start, SimTime work) const;

 private:
  static constexpr std::int64_t kFullSpeed = std::int64_t{1} << 20;

  /// From `begin` to the next stretch's.
  struct Stretch {
    std::int64_t begin = 0;
    std::int64_t cost = kFullSpeed;  ///< Of a nanosecond of work, in 2^-20 ns; 0: frozen.
    std::int64_t work_before = 0;    ///< Done in all stretches before this one.
  };

  static std::int64_t work_in(std::int64_t length, std::int64_t cost);
  static SimTime after(std::int64_t begin, std::int64_t work, std::int64_t cost);

  std::vector<Stretch> stretches_;  ///< The first begins at 0. Empty: full speed.
};

}  // namespace hearsay

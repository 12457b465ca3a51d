#pragma once

#include <cstdint>

#include "node/base/time.hpp"

namespace hearsay {

/// A peer's own clock: shows offset + floor(s t) at time t, s = round(2^40 (1 + rate)) /
/// 2^40. Integer arithmetic, hence monotone in t.
class SkewedClock {
 public:
  /// A clock that is right.
  SkewedClock() = default;

  /// @pre rate > -1 + 2^-40, rate <= 1000.
  SkewedClock(double rate, SimTime offset);

  /// What it shows at `time`, within the range of SimTime. REQUIRES: time >= 0.
  SimTime local_time(SimTime time) const;

  /// The first time at which it shows at least `delay` more than at `now`; SimTime::max()
  /// if that, `now` or `delay` is never. REQUIRES: now >= 0, delay >= 0.
  SimTime timer_due(SimTime now, SimTime delay) const;

 private:
  static constexpr std::int64_t kTrue = std::int64_t{1} << 40;

  std::int64_t speed_ = kTrue;  ///< s in 2^-40.
  SimTime offset_;
};

}  // namespace hearsay

#include "node/world/skewed_clock.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

__extension__ using Int128 = __int128;

SimTime clamped(Int128 nanoseconds) {
  using Limits = std::numeric_limits<std::int64_t>;
  return {static_cast<std::int64_t>(std::clamp(nanoseconds, static_cast<Int128>(Limits::min()),
                                               static_cast<Int128>(Limits::max())))};
}

}  // namespace

SkewedClock::SkewedClock(double rate, SimTime offset)
    : speed_(std::llround((1.0 + rate) * static_cast<double>(kTrue))), offset_(offset) {
  HEARSAY_CHECK(speed_ > 0);
  HEARSAY_CHECK(rate <= 1000.0);
}

SimTime SkewedClock::local_time(SimTime time) const {
  HEARSAY_CHECK(time >= SimTime{});
  return clamped(static_cast<Int128>(time.nanoseconds) * speed_ / kTrue + offset_.nanoseconds);
}

SimTime SkewedClock::timer_due(SimTime now, SimTime delay) const {
  HEARSAY_CHECK(now >= SimTime{});
  HEARSAY_CHECK(delay >= SimTime{});
  if (now == SimTime::max() || delay == SimTime::max()) return SimTime::max();
  const Int128 shown = static_cast<Int128>(now.nanoseconds) * speed_ / kTrue + delay.nanoseconds;
  if (delay == SimTime{}) return now;
  return clamped((shown * kTrue + speed_ - 1) / speed_);
}

}  // namespace hearsay

#include "node/protocols/wake_clock.hpp"

#include <algorithm>
#include <cmath>

#include "node/base/check.hpp"

namespace hearsay {

SimTime exponential_delay(SimTime mean, Rng& rng) {
  HEARSAY_CHECK(mean > SimTime{});
  const double drawn = -static_cast<double>(mean.nanoseconds) * std::log1p(-rng.uniform());
  const auto most = static_cast<double>(SimTime::max().nanoseconds / 4);
  return {std::llround(std::clamp(drawn, 1.0, most))};
}

SimTime first_delay(WakeClock clock, SimTime period, Rng& rng) {
  HEARSAY_CHECK(period > SimTime{});
  if (clock == WakeClock::kPoisson) return exponential_delay(period, rng);
  return {static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(period.nanoseconds)))};
}

SimTime next_delay(WakeClock clock, SimTime period, Rng& rng) {
  return clock == WakeClock::kPoisson ? exponential_delay(period, rng) : period;
}

}  // namespace hearsay

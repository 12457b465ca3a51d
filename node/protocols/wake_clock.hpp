#pragma once

#include <array>

#include "node/base/describe.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"

namespace hearsay {

/// How the moments at which a peer acts of its own accord follow each other.
enum class WakeClock {
  kPeriodic,  ///< At equal distances, from a moment drawn uniformly from the first period.
  kPoisson,   ///< At independent, exponentially distributed distances.
};

constexpr auto enum_names(WakeClock) {
  return std::array{EnumName{WakeClock::kPeriodic, "periodic"},
                    EnumName{WakeClock::kPoisson, "poisson"}};
}

/// -mean ln(1 - u), u uniform in [0, 1): at least 1 ns, at most a quarter of SimTime's
/// range. REQUIRES: mean > 0.
SimTime exponential_delay(SimTime mean, Rng& rng);

/// From the start to the first wake-up, and from one to the next. REQUIRES: period > 0.
SimTime first_delay(WakeClock clock, SimTime period, Rng& rng);
SimTime next_delay(WakeClock clock, SimTime period, Rng& rng);

}  // namespace hearsay

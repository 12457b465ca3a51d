#pragma once

#include <cstdint>
#include <limits>

namespace hearsay {

/// A share of something, 0 to 1. Written as `5%` or `0.05` in a scenario.
struct Fraction {
  double value = 0.0;

  friend constexpr bool operator==(Fraction, Fraction) = default;
};

/// A number of things, or all there are. Written as `500` or `all` in a scenario.
struct Count {
  static constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
  std::int64_t value = kAll;

  constexpr bool is_all() const { return value == kAll; }
  friend constexpr bool operator==(Count, Count) = default;
};

/// Bytes per second. Written as `10MB/s` or `unlimited` in a scenario.
struct Bandwidth {
  double bytes_per_second = std::numeric_limits<double>::infinity();

  constexpr bool is_unlimited() const {
    return bytes_per_second == std::numeric_limits<double>::infinity();
  }
  friend constexpr bool operator==(Bandwidth, Bandwidth) = default;
};

}  // namespace hearsay

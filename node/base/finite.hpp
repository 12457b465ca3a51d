#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace hearsay {

/// True if none of the values is NaN or infinite. One pass without branches, at memory speed.
inline bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7f800000U;
  std::uint32_t special = 0;
  for (const float value : values) {
    special |=
        static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent);
  }
  return special == 0;
}

/// True if all values are finite and so small, below 2^127, that the difference of two such
/// vectors is finite too. Likewise at memory speed.
inline bool all_subtractable(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7f800000U;
  constexpr std::uint32_t kTooLarge = 0x7f000000U;  // That of 2^127.
  std::uint32_t large = 0;
  for (const float value : values) {
    large |=
        static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) >= kTooLarge);
  }
  return large == 0;
}

}  // namespace hearsay

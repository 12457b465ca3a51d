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

}  // namespace hearsay

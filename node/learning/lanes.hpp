#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

/// Vectors of floats as wide as the instruction set that a kernel source is compiled
/// for. Each kernel source is compiled once per instruction set, with
/// HEARSAY_KERNEL_ISA naming the namespace that holds the result; so that no function
/// compiled for a newer processor can stand in for one of another source, kernel
/// sources use nothing of the standard library but integer types, and keep all they
/// define in that namespace.
namespace hearsay::HEARSAY_KERNEL_ISA {

#if defined(__AVX512F__)
inline constexpr int kWidth = 16;
#elif defined(__AVX2__)
inline constexpr int kWidth = 8;
#else
inline constexpr int kWidth = 4;
#endif

using Lanes [[gnu::vector_size(kWidth * sizeof(float))]] = float;
using LaneInts [[gnu::vector_size(kWidth * sizeof(std::int32_t))]] = std::int32_t;
using LaneBytes [[gnu::vector_size(kWidth)]] = std::uint8_t;

inline Lanes load(const float* from) {
  Lanes value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}

inline void store(float* to, Lanes value) { __builtin_memcpy(to, &value, sizeof(value)); }

inline Lanes splat(float value) { return value - Lanes{}; }

/// a * b + c, rounded once where the instruction set can.
inline Lanes multiply_add(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}

/// All-ones in lanes first .. kWidth - 1, zeros before.
inline LaneInts lanes_from(int first) {
  LaneInts index;
  for (int i = 0; i < kWidth; ++i) index[i] = i;
  return index >= first;
}

/// `yes` where mask is all-ones, `no` where it is zero.
inline Lanes select(LaneInts mask, Lanes yes, Lanes no) { return mask ? yes : no; }

/// Zero below zero; keeps NaN.
inline Lanes relu(Lanes value) { return select(value < Lanes{}, Lanes{}, value); }

/// Halves the number of vectors by adding lanes that lie kStride apart, until one is left.
template <int kStride>
inline void add_pairs(Lanes* values) {
  if constexpr (kStride < kWidth) {
    LaneInts low;
    LaneInts high;
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i) {
      const int from_second = (i / kStride) % 2;
      low[i] = i + from_second * (kWidth - kStride);
      high[i] = low[i] + kStride;
    }
#pragma GCC unroll 16
    for (int pair = 0; pair < kWidth / kStride / 2; ++pair) {
      const Lanes a = values[2 * pair];
      const Lanes b = values[2 * pair + 1];
      values[pair] = __builtin_shuffle(a, b, low) + __builtin_shuffle(a, b, high);
    }
    add_pairs<2 * kStride>(values);
  }
}

/// Lane i of the result is the sum of the lanes of values[i], i = 0 .. kWidth - 1.
/// Overwrites values.
inline Lanes sums(Lanes* values) {
  add_pairs<1>(values);
  return values[0];
}

}  // namespace hearsay::HEARSAY_KERNEL_ISA

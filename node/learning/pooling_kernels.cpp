#include "node/learning/pooling_kernels.hpp"

#include "node/learning/lanes.hpp"

namespace hearsay::HEARSAY_KERNEL_ISA {
namespace {

using Index = std::int64_t;

/// A vector holds channels of one pixel. Fewer channels than lanes leave an overhang into
/// the next pixels: whatever a store puts there, the next store in rising order corrects.
/// Only the last rows of a batch lack room for it; they are touched lane by lane.
enum class Overhang { kFits, kTooLong };

template <Overhang kOverhang>
Lanes load_lanes(const float* from, Index count) {
  if constexpr (kOverhang == Overhang::kFits) return load(from);
  Lanes value{};
  for (Index i = 0; i < count; ++i) value[i] = from[i];
  return value;
}

template <Overhang kOverhang>
void store_lanes(float* to, Lanes value, Index count) {
  if constexpr (kOverhang == Overhang::kFits) return store(to, value);
  for (Index i = 0; i < count; ++i) to[i] = value[i];
}

// Left to itself, GCC 12 widens the bytes of a vector one by one.
LaneInts widen(const std::uint8_t* from) {
#if defined(__AVX512F__)
  const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<LaneInts>(_mm512_maskz_cvtepu8_epi32(0xffff, bytes));
#elif defined(__AVX2__)
  const auto bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<LaneInts>(_mm256_cvtepu8_epi32(bytes));
#else
  int bytes;
  __builtin_memcpy(&bytes, from, sizeof(bytes));
  const __m128i shorts = _mm_unpacklo_epi8(_mm_cvtsi32_si128(bytes), _mm_setzero_si128());
  return reinterpret_cast<LaneInts>(_mm_unpacklo_epi16(shorts, _mm_setzero_si128()));
#endif
}

template <Overhang kOverhang>
LaneInts load_winners(const std::uint8_t* from, Index count) {
  if constexpr (kOverhang == Overhang::kFits) return widen(from);
  std::uint8_t bytes[kWidth] = {};
  for (Index i = 0; i < count; ++i) bytes[i] = from[i];
  return widen(bytes);
}

template <Overhang kOverhang>
void store_winners(std::uint8_t* to, LaneInts values, Index count) {
  const LaneBytes bytes = __builtin_convertvector(values, LaneBytes);
  if constexpr (kOverhang == Overhang::kFits) {
    __builtin_memcpy(to, &bytes, sizeof(bytes));
  } else {
    for (Index i = 0; i < count; ++i) to[i] = bytes[i];
  }
}

Index lanes_used(Index channels, Index first) {
  return channels - first < kWidth ? channels - first : kWidth;
}

/// One row of windows. Relu comes first: it makes all that is negative equal to +0, and the
/// first of equals decides the sign of a zero.
template <Overhang kOverhang>
void pool_row(const float* top, Index row, Index windows, Index channels, float* maxima,
              std::uint8_t* winners) {
  for (Index window = 0; window < windows; ++window) {
    for (Index c = 0; c < channels; c += kWidth) {
      const Index count = lanes_used(channels, c);
      const float* const corner = top + 2 * window * channels + c;
      const Index places[4] = {0, channels, row, row + channels};
      Lanes best = relu(load_lanes<kOverhang>(corner, count));
      LaneInts winner{};
#pragma GCC unroll 3
      for (int k = 1; k < 4; ++k) {
        const Lanes candidate = relu(load_lanes<kOverhang>(corner + places[k], count));
        const LaneInts wins = (candidate > best) | (candidate != candidate);
        best = select(wins, candidate, best);
        winner = wins ? LaneInts{} + k : winner;
      }
      winner = best <= Lanes{} ? LaneInts{} + PoolingKernels::kNoWinner : winner;
      const Index to = window * channels + c;
      store_lanes<kOverhang>(maxima + to, best, count);
      store_winners<kOverhang>(winners + to, winner, count);
    }
  }
}

/// One row of pixels, whose windows' corners are first_corner and first_corner + 1.
/// Adding zero turns -0 into +0, as adding to a gradient of zeros does.
template <Overhang kOverhang>
void spread_row(const float* gradient, const std::uint8_t* winners, int first_corner, Index windows,
                Index channels, float* pixels) {
  for (Index pixel = 0; pixel < 2 * windows; ++pixel) {
    const int corner = first_corner + static_cast<int>(pixel % 2);
    for (Index c = 0; c < channels; c += kWidth) {
      const Index count = lanes_used(channels, c);
      const Index from = pixel / 2 * channels + c;
      const LaneInts winner = load_winners<kOverhang>(winners + from, count);
      const Lanes value = load_lanes<kOverhang>(gradient + from, count) + Lanes{};
      store_lanes<kOverhang>(pixels + pixel * channels + c,
                             select(winner == corner, value, Lanes{}), count);
    }
  }
}

void zero(float* from, const float* end) {
  for (; from != end; ++from) *from = 0.0F;
}

void forward(const PoolingSizes& sizes, const float* x, float* maxima, std::uint8_t* winners) {
  const Index channels = sizes.channels;
  const Index row = sizes.width * channels;
  const Index windows = sizes.width / 2;
  const float* const end = x + sizes.images * sizes.height * row;
  const float* const maxima_end = maxima + sizes.images * (sizes.height / 2) * windows * channels;
  for (Index image = 0; image < sizes.images; ++image) {
    for (Index y = 0; y < sizes.height / 2; ++y) {
      const float* const top = x + (image * sizes.height + 2 * y) * row;
      const bool fits =
          end - top >= 2 * row + kWidth && maxima_end - maxima >= windows * channels + kWidth;
      const auto pool = fits ? pool_row<Overhang::kFits> : pool_row<Overhang::kTooLong>;
      pool(top, row, windows, channels, maxima, winners);
      maxima += windows * channels;
      winners += windows * channels;
    }
  }
}

void backward(const PoolingSizes& sizes, const float* gradient, const std::uint8_t* winners,
              float* x_gradient) {
  const Index channels = sizes.channels;
  const Index row = sizes.width * channels;
  const Index windows = sizes.width / 2;
  const float* const end = x_gradient + sizes.images * sizes.height * row;
  const float* const gradient_end =
      gradient + sizes.images * (sizes.height / 2) * windows * channels;
  for (Index image = 0; image < sizes.images; ++image) {
    float* pixels = x_gradient + image * sizes.height * row;
    float* const image_end = pixels + sizes.height * row;
    for (Index y = 0; y < sizes.height / 2; ++y) {
      const bool fits = end - pixels >= 2 * row + kWidth &&
                        gradient_end - gradient >= windows * channels + kWidth;
      const auto spread = fits ? spread_row<Overhang::kFits> : spread_row<Overhang::kTooLong>;
      for (int first_corner = 0; first_corner < 4; first_corner += 2) {
        spread(gradient, winners, first_corner, windows, channels, pixels);
        zero(pixels + 2 * windows * channels, pixels + row);
        pixels += row;
      }
      gradient += windows * channels;
      winners += windows * channels;
    }
    zero(pixels, image_end);
  }
}

}  // namespace

extern const PoolingKernels kPoolingKernels;
const PoolingKernels kPoolingKernels = {.forward = forward, .backward = backward};

}  // namespace hearsay::HEARSAY_KERNEL_ISA

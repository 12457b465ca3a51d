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

template <Overhang kOverhang>
LaneInts load_winners(const std::uint8_t* from, Index count) {
  LaneBytes bytes{};
  if constexpr (kOverhang == Overhang::kFits) {
    __builtin_memcpy(&bytes, from, sizeof(bytes));
  } else {
    for (Index i = 0; i < count; ++i) bytes[i] = from[i];
  }
  return __builtin_convertvector(bytes, LaneInts);
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
struct SpreadRow {
  const float* gradient;
  const std::uint8_t* winners;
  int first_corner;
  Index windows;
  Index channels;
  float* pixels;
};

template <Overhang kOverhang>
void spread_row(const SpreadRow& row) {
  const Index channels = row.channels;
  for (Index pixel = 0; pixel < 2 * row.windows; ++pixel) {
    const int corner = row.first_corner + static_cast<int>(pixel % 2);
    for (Index c = 0; c < channels; c += kWidth) {
      const Index count = lanes_used(channels, c);
      const Index from = pixel / 2 * channels + c;
      const LaneInts winner = load_winners<kOverhang>(row.winners + from, count);
      const Lanes value = load_lanes<kOverhang>(row.gradient + from, count) + Lanes{};
      store_lanes<kOverhang>(row.pixels + pixel * channels + c,
                             select(winner == corner, value, Lanes{}), count);
    }
  }
}

/// Which lanes of a window row's gradient go to kWidth numbers in a row of pixels.
struct Spread {
  Index from;
  LaneInts lane;
  LaneInts side;  ///< 0: left pixel of the window, 1: right.
};

/// For few channels: vectors that span pixels, so that none is written twice. After
/// kWidth windows the lanes repeat.
struct SpreadPlan {
  Index size;
  Spread spreads[2 * kWidth];
};

/// REQUIRES: channels <= kWidth.
void plan_spread(Index channels, Index windows, SpreadPlan* plan) {
  const Index vectors = (2 * windows * channels + kWidth - 1) / kWidth;
  plan->size = vectors < 2 * channels ? vectors : 2 * channels;
  for (Index v = 0; v < plan->size; ++v) {
    Spread& spread = plan->spreads[v];
    Index source[kWidth];
    spread.from = plan->size * kWidth;
    for (int i = 0; i < kWidth; ++i) {
      const Index pixel = (v * kWidth + i) / channels;
      source[i] = pixel / 2 * channels + (v * kWidth + i) % channels;
      spread.side[i] = static_cast<std::int32_t>(pixel % 2);
      if (source[i] < spread.from) spread.from = source[i];
    }
    for (int i = 0; i < kWidth; ++i) {
      spread.lane[i] = static_cast<std::int32_t>(source[i] - spread.from);
    }
  }
}

void spread_row(const SpreadRow& row, const SpreadPlan& plan) {
  const Index end = 2 * row.windows * row.channels;
  Index first_source = 0;
  for (Index to = 0; to < end; first_source += kWidth * row.channels) {
    for (Index v = 0; v < plan.size && to < end; ++v, to += kWidth) {
      const Spread& spread = plan.spreads[v];
      const Index from = first_source + spread.from;
      const LaneInts winner =
          __builtin_shuffle(load_winners<Overhang::kFits>(row.winners + from, kWidth), spread.lane);
      const Lanes value = __builtin_shuffle(load(row.gradient + from), spread.lane) + Lanes{};
      store(row.pixels + to, select(winner == spread.side + row.first_corner, value, Lanes{}));
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
      (fits ? pool_row<Overhang::kFits> : pool_row<Overhang::kTooLong>)(top, row, windows, channels,
                                                                        maxima, winners);
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
  const Index windows_row = windows * channels;
  const float* const end = x_gradient + sizes.images * sizes.height * row;
  const float* const gradient_end = gradient + sizes.images * (sizes.height / 2) * windows_row;
  SpreadPlan plan;
  const bool few_channels = channels <= kWidth;
  if (few_channels) plan_spread(channels, windows, &plan);
  for (Index image = 0; image < sizes.images; ++image) {
    float* pixels = x_gradient + image * sizes.height * row;
    float* const image_end = pixels + sizes.height * row;
    for (Index y = 0; y < sizes.height / 2; ++y) {
      const bool fits =
          end - pixels >= 2 * row + kWidth && gradient_end - gradient >= windows_row + kWidth;
      for (int first_corner = 0; first_corner < 4; first_corner += 2) {
        const SpreadRow spread{gradient, winners, first_corner, windows, channels, pixels};
        if (!fits) {
          spread_row<Overhang::kTooLong>(spread);
        } else if (few_channels) {
          spread_row(spread, plan);
        } else {
          spread_row<Overhang::kFits>(spread);
        }
        zero(pixels + 2 * windows_row, pixels + row);
        pixels += row;
      }
      gradient += windows_row;
      winners += windows_row;
    }
    zero(pixels, image_end);
  }
}

}  // namespace

extern const PoolingKernels kPoolingKernels;
const PoolingKernels kPoolingKernels = {.forward = forward, .backward = backward};

}  // namespace hearsay::HEARSAY_KERNEL_ISA

#include "node/learning/lenet5_kernels.hpp"

#include "node/learning/lanes.hpp"

namespace hearsay::HEARSAY_KERNEL_ISA {
namespace {

using Sizes = Lenet5Sizes;

constexpr int kPixel = Sizes::kPixel;
constexpr int kRow = Sizes::kRow;
constexpr int kColumnStride = 24;           // Of Lenet5Scratch::columns.
constexpr int kPlane = 32 * kColumnStride;  // Even columns, then odd ones.
constexpr int kStripRow = 32 * 5;           // Of Lenet5Scratch::strips.

/// The 2 x 2 maxima of four pre-activations, after relu.
struct Maxima {
  Lanes value;
  LaneInts winner;
};

Maxima maxima_of(Lanes a, Lanes b, Lanes c, Lanes d) {
  const Lanes candidates[4] = {a, b, c, d};
  Maxima best{a, LaneInts{}};
#pragma GCC unroll 4
  for (int k = 1; k < 4; ++k) {
    const Lanes candidate = candidates[k];
    const LaneInts wins = (candidate > best.value) | (candidate != candidate);
    best.value = select(wins, candidate, best.value);
    best.winner = wins ? LaneInts{} + k : best.winner;
  }
  best.value = relu(best.value);
  return best;
}

void store_bytes(std::uint8_t* to, LaneInts values) {
  const LaneBytes bytes = __builtin_convertvector(values, LaneBytes);
  __builtin_memcpy(to, &bytes, sizeof(bytes));
}

/// Pads by 2 and parts even from odd columns, so that the pixels under one tap for
/// neighboring windows lie side by side.
void part_columns(const float* image, float* columns) {
  for (int y = 0; y < 28; ++y) {
    float* const even = columns + (y + 2) * kColumnStride + 1;
    float* const odd = even + kPlane;
    for (int x = 0; x < 14; ++x) {
      even[x] = image[y * 28 + 2 * x];
      odd[x] = image[y * 28 + 2 * x + 1];
    }
  }
}

/// 8 rows of kWidth columns become kWidth pixels of 8 channels: three perfect shuffles of
/// the 8 * kWidth numbers, each rotating the bits of their index.
void store_pixels(Lanes (&rows)[8], float* pixels) {
  LaneInts low;
  LaneInts high;
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) {
    low[i] = i / 2 + (i % 2) * kWidth;
    high[i] = low[i] + kWidth / 2;
  }
#pragma GCC unroll 3
  for (int stage = 0; stage < 3; ++stage) {
    Lanes shuffled[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      shuffled[2 * i] = __builtin_shuffle(rows[i], rows[i + 4], low);
      shuffled[2 * i + 1] = __builtin_shuffle(rows[i], rows[i + 4], high);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) rows[i] = shuffled[i];
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) store(pixels + i * kWidth, rows[i]);
}

/// kWidth windows beside each other in one row of stage 1, kChannels channels.
template <bool kRecord, int kChannels>
void stage1_block(const float* columns, const float* weights, const float* bias, Lanes* out,
                  std::uint8_t* winner) {
  Lanes sum[kChannels][4];
#pragma GCC unroll 8
  for (int c = 0; c < kChannels; ++c) {
#pragma GCC unroll 4
    for (int corner = 0; corner < 4; ++corner) sum[c][corner] = splat(bias[c]);
  }
#pragma GCC unroll 1
  for (int ky = 0; ky < 5; ++ky) {
#pragma GCC unroll 5
    for (int kx = 0; kx < 5; ++kx) {
      Lanes in[4];
#pragma GCC unroll 4
      for (int corner = 0; corner < 4; ++corner) {
        const int x = corner % 2 + kx;
        in[corner] = load(columns + (x % 2) * kPlane + (corner / 2 + ky) * kColumnStride + x / 2);
      }
#pragma GCC unroll 8
      for (int c = 0; c < kChannels; ++c) {
        const Lanes w = splat(weights[c * 25 + ky * 5 + kx]);
#pragma GCC unroll 4
        for (int corner = 0; corner < 4; ++corner) {
          sum[c][corner] = multiply_add(w, in[corner], sum[c][corner]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < kChannels; ++c) {
    const Maxima best = maxima_of(sum[c][0], sum[c][1], sum[c][2], sum[c][3]);
    out[c] = best.value;
    if constexpr (kRecord) store_bytes(winner + c * 16, best.winner);
  }
}

/// 14 windows per row are computed as 16: the last two lie in the padding and are
/// overwritten by the next row.
template <bool kRecord>
void stage1(const float* columns, const float* parameters, float* out, std::uint8_t* winner) {
  constexpr int kChannels = kWidth >= 16 ? 6 : 2;
  for (int row = 0; row < 14; ++row) {
    for (int first = 0; first < 16; first += kWidth) {
      Lanes channels[8] = {};
#pragma GCC unroll 3
      for (int c = 0; c < 6; c += kChannels) {
        stage1_block<kRecord, kChannels>(columns + 2 * row * kColumnStride + first,
                                         parameters + c * 25, parameters + Sizes::kConv1Bias + c,
                                         channels + c, winner + (row * 6 + c) * 16 + first);
      }
      store_pixels(channels, out + row * kRow + first * kPixel);
    }
  }
}

/// kPairs windows beside each other in one row of stage 2, kWidth channels.
template <bool kRecord, int kPairs>
void stage2_block(const float* in, const float* weights, const float* bias, float* out,
                  std::uint8_t* winner) {
  Lanes sum[2][2 * kPairs];
#pragma GCC unroll 2
  for (int y = 0; y < 2; ++y) {
#pragma GCC unroll 16
    for (int x = 0; x < 2 * kPairs; ++x) sum[y][x] = load(bias);
  }
#pragma GCC unroll 1
  for (int ky = 0; ky < 5; ++ky) {
#pragma GCC unroll 1
    for (int kx = 0; kx < 5; ++kx) {
      const float* const pixel = in + ky * kRow + kx * kPixel;
#pragma GCC unroll 1
      for (int c = 0; c < 6; ++c) {
        const Lanes w = load(weights + ((ky * 5 + kx) * 6 + c) * 16);
#pragma GCC unroll 2
        for (int y = 0; y < 2; ++y) {
#pragma GCC unroll 16
          for (int x = 0; x < 2 * kPairs; ++x) {
            sum[y][x] = multiply_add(w, splat(pixel[y * kRow + x * kPixel + c]), sum[y][x]);
          }
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int x = 0; x < kPairs; ++x) {
    const Maxima best =
        maxima_of(sum[0][2 * x], sum[0][2 * x + 1], sum[1][2 * x], sum[1][2 * x + 1]);
    store(out + x * 16, best.value);
    if constexpr (kRecord) store_bytes(winner + x * 16, best.winner);
  }
}

template <bool kRecord>
void stage2(const float* in, const float* weights, const float* bias, float* out,
            std::uint8_t* winner) {
  for (int row = 0; row < 5; ++row) {
    for (int c = 0; c < 16; c += kWidth) {
      const float* const from = in + 2 * row * kRow;
      const int to = row * 5 * 16 + c;
      if constexpr (kWidth >= 16) {
        stage2_block<kRecord, 5>(from, weights, bias, out + to, winner + to);
      } else {
        stage2_block<kRecord, 3>(from, weights + c, bias + c, out + to, winner + to);
        stage2_block<kRecord, 2>(from + 6 * kPixel, weights + c, bias + c, out + to + 48,
                                 winner + to + 48);
      }
    }
  }
}

template <bool kRecord>
void features_of(const float* image, const float* parameters, const Lenet5Weights& weights,
                 Lenet5Scratch* scratch, Lenet5Tape* tape, float* features) {
  part_columns(image, scratch->columns);
  stage1<kRecord>(scratch->columns, parameters, tape->stage1, tape->winner1);
  stage2<kRecord>(tape->stage1, weights.forward, parameters + Sizes::kConv2Bias, scratch->pooled,
                  tape->winner2);
  for (int c = 0; c < 16; ++c) {
    for (int p = 0; p < 25; ++p) features[c * 25 + p] = scratch->pooled[p * 16 + c];
  }
}

void arrange(const float* parameters, Lenet5Weights* weights) {
  __builtin_memset(weights->backward, 0, sizeof(weights->backward));
  for (int out = 0; out < 16; ++out) {
    for (int in = 0; in < 6; ++in) {
      for (int tap = 0; tap < 25; ++tap) {
        const float w = parameters[Sizes::kConv2Weight + (out * 6 + in) * 25 + tap];
        weights->forward[(tap * 6 + in) * 16 + out] = w;
        weights->backward[out * Lenet5Weights::kStride + Lenet5Weights::kStart +
                          (tap / 5) * Lenet5Weights::kRow + (tap % 5) * kPixel + in] = w;
      }
    }
  }
}

/// Where window `p` of stage 2 starts in stage 1, and how far each corner is from there.
constexpr int window_start(int p) { return 2 * (p / 5) * kRow + 2 * (p % 5) * kPixel; }
constexpr int kCorner[4] = {0, kPixel, kRow, kRow + kPixel};

/// Tap rows [kFirst, kFirst + kRows) of one output channel's weight gradient in stage 2:
/// each window adds its gradient times the patch under its winner. `gradient` and
/// `winner` belong to that channel.
template <int kFirst, int kRows>
void conv2_taps(const float* stage1, const float* gradient, const std::uint8_t* winner,
                float* taps) {
  constexpr int kVectors = (5 * kPixel + kWidth - 1) / kWidth;
  Lanes sum[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sum[r][v] = load(taps + (kFirst + r) * 48 + v * kWidth);
  }
#pragma GCC unroll 1
  for (int y = 0; y < 5; ++y) {
#pragma GCC unroll 1
    for (int p = 5 * y; p < 5 * y + 5; ++p) {
      const float* const patch = stage1 + window_start(p) + kCorner[winner[p * 16]] + kFirst * kRow;
      const Lanes g = splat(gradient[p]);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) {
          sum[r][v] = multiply_add(g, load(patch + r * kRow + v * kWidth), sum[r][v]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) store(taps + (kFirst + r) * 48 + v * kWidth, sum[r][v]);
  }
}

/// Rows [kFirst, kFirst + kRows) of the 6 x 6 pixels of stage 1 that window p of stage 2
/// sees: the gradient that all its channels send there.
template <int kFirst, int kRows>
void conv2_inputs(const float* weights, const float* gradient, const std::uint8_t* winner,
                  float* out) {
  constexpr int kVectors = Lenet5Weights::kRow / kWidth;
  constexpr int kShift[4] = {0, kPixel, Lenet5Weights::kRow, Lenet5Weights::kRow + kPixel};
  Lanes sum[kRows][kVectors] = {};
#pragma GCC unroll 1
  for (int c = 0; c < 16; ++c) {
    const float* const window = weights + c * Lenet5Weights::kStride + Lenet5Weights::kStart +
                                kFirst * Lenet5Weights::kRow - kShift[winner[c]];
    const Lanes g = splat(gradient[c * 25]);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = multiply_add(g, load(window + r * Lenet5Weights::kRow + v * kWidth), sum[r][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      float* const at = out + (kFirst + r) * kRow + v * kWidth;
      store(at, load(at) + sum[r][v]);
    }
  }
}

void stage2_backward(const Lenet5Weights& weights, const Lenet5Tape& tape, const float* gradient,
                     float* gradient1, Lenet5Gradient* sums) {
  for (int c = 0; c < 16; ++c) {
    const float* const own = gradient + c * 25;
    const std::uint8_t* const winner = tape.winner2 + c;
    float* const taps = sums->conv2 + c * 240;
    if constexpr (kWidth >= 16) {
      conv2_taps<0, 5>(tape.stage1, own, winner, taps);
    } else if constexpr (kWidth >= 8) {
      conv2_taps<0, 2>(tape.stage1, own, winner, taps);
      conv2_taps<2, 2>(tape.stage1, own, winner, taps);
      conv2_taps<4, 1>(tape.stage1, own, winner, taps);
    } else {
      conv2_taps<0, 1>(tape.stage1, own, winner, taps);
      conv2_taps<1, 1>(tape.stage1, own, winner, taps);
      conv2_taps<2, 1>(tape.stage1, own, winner, taps);
      conv2_taps<3, 1>(tape.stage1, own, winner, taps);
      conv2_taps<4, 1>(tape.stage1, own, winner, taps);
    }
    float total = 0.0F;
    for (int p = 0; p < 25; ++p) total += own[p];
    sums->conv2_bias[c] += total;
  }
  __builtin_memset(gradient1, 0, sizeof(float) * 14 * kRow);
  for (int p = 0; p < 25; ++p) {
    const std::uint8_t* const winner = tape.winner2 + p * 16;
    float* const out = gradient1 + window_start(p);
    if constexpr (kWidth >= 16) {
      conv2_inputs<0, 6>(weights.backward, gradient + p, winner, out);
    } else {
      conv2_inputs<0, 2>(weights.backward, gradient + p, winner, out);
      conv2_inputs<2, 2>(weights.backward, gradient + p, winner, out);
      conv2_inputs<4, 2>(weights.backward, gradient + p, winner, out);
    }
  }
}

/// Lays the padded image out so that the 25 pixels under the taps at any place are
/// consecutive, column by column.
void make_strips(const float* image, Lenet5Scratch* scratch) {
  float* const transposed = scratch->transposed;
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) transposed[(x + 2) * 40 + y + 2] = image[y * 28 + x];
  }
  // 8 are copied where 5 are meant: what is too much, the next copy overwrites.
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 32; ++x) {
      __builtin_memcpy(scratch->strips + y * kStripRow + x * 5, transposed + x * 40 + y,
                       8 * sizeof(float));
    }
  }
}

/// Channels [kFirst, kFirst + kChannels) of stage 1's weight gradient.
template <int kFirst, int kChannels>
void conv1_taps(const float* strips, const float* gradient1, const std::uint8_t* winner,
                float* taps) {
  constexpr int kVectors = (25 + kWidth - 1) / kWidth;
  constexpr int kStripCorner[4] = {0, 5, kStripRow, kStripRow + 5};
  Lanes sum[kChannels][kVectors];
#pragma GCC unroll 8
  for (int c = 0; c < kChannels; ++c) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sum[c][v] = load(taps + (kFirst + c) * 32 + v * kWidth);
  }
  for (int y = 0; y < 14; ++y) {
#pragma GCC unroll 1
    for (int x = 0; x < 14; ++x) {
      const float* const window = strips + 2 * y * kStripRow + 2 * x * 5;
#pragma GCC unroll 8
      for (int c = 0; c < kChannels; ++c) {
        const int channel = kFirst + c;
        const Lanes g = splat(gradient1[y * kRow + x * kPixel + channel]);
        const float* const patch = window + kStripCorner[winner[(y * 6 + channel) * 16 + x]];
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) {
          sum[c][v] = multiply_add(g, load(patch + v * kWidth), sum[c][v]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < kChannels; ++c) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) store(taps + (kFirst + c) * 32 + v * kWidth, sum[c][v]);
  }
}

/// Sends the gradient of stage 1's output back through relu, and adds up the biases'.
void stage1_relu(const float* stage1, float* gradient1, float* bias) {
  for (int lane = 0; lane < 16; lane += kWidth) {
    Lanes sum = load(bias + lane);
    for (int i = lane; i < 14 * kRow; i += 16) {
      const LaneInts dead = load(stage1 + i) <= Lanes{};
      const Lanes g = select(dead, Lanes{}, load(gradient1 + i));
      store(gradient1 + i, g);
      sum += g;
    }
    store(bias + lane, sum);
  }
}

void backward(const float* image, const Lenet5Weights& weights, const Lenet5Tape& tape,
              const float* features, const float* feature_gradient, Lenet5Scratch* scratch,
              Lenet5Gradient* sums) {
  float* const gradient2 = scratch->pooled;
  for (int i = 0; i < Sizes::kFeatures; ++i) {
    gradient2[i] = features[i] <= 0.0F ? 0.0F : feature_gradient[i];
  }
  stage2_backward(weights, tape, gradient2, scratch->gradient1, sums);
  stage1_relu(tape.stage1, scratch->gradient1, sums->conv1_bias);
  make_strips(image, scratch);
  if constexpr (kWidth >= 16) {
    conv1_taps<0, 6>(scratch->strips, scratch->gradient1, tape.winner1, sums->conv1);
  } else if constexpr (kWidth >= 8) {
    conv1_taps<0, 3>(scratch->strips, scratch->gradient1, tape.winner1, sums->conv1);
    conv1_taps<3, 3>(scratch->strips, scratch->gradient1, tape.winner1, sums->conv1);
  } else {
    conv1_taps<0, 2>(scratch->strips, scratch->gradient1, tape.winner1, sums->conv1);
    conv1_taps<2, 2>(scratch->strips, scratch->gradient1, tape.winner1, sums->conv1);
    conv1_taps<4, 2>(scratch->strips, scratch->gradient1, tape.winner1, sums->conv1);
  }
}

void flatten(const Lenet5Gradient& gradient, float* flat) {
  for (int c = 0; c < 6; ++c) {
    for (int tap = 0; tap < 25; ++tap) {
      flat[c * 25 + tap] = gradient.conv1[c * 32 + (tap % 5) * 5 + tap / 5];
    }
    flat[Sizes::kConv1Bias + c] = gradient.conv1_bias[c] + gradient.conv1_bias[c + kPixel];
  }
  for (int out = 0; out < 16; ++out) {
    for (int in = 0; in < 6; ++in) {
      for (int tap = 0; tap < 25; ++tap) {
        flat[Sizes::kConv2Weight + (out * 6 + in) * 25 + tap] =
            gradient.conv2[out * 240 + (tap / 5) * 48 + (tap % 5) * kPixel + in];
      }
    }
    flat[Sizes::kConv2Bias + out] = gradient.conv2_bias[out];
  }
}

}  // namespace

extern const Lenet5Kernels kLenet5Kernels;
const Lenet5Kernels kLenet5Kernels = {.arrange = arrange,
                                      .forward = features_of<true>,
                                      .infer = features_of<false>,
                                      .backward = backward,
                                      .flatten = flatten};

}  // namespace hearsay::HEARSAY_KERNEL_ISA

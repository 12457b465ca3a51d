#pragma once

#include <cstdint>
#include <string_view>

namespace hearsay {

/// Sizes of a batch of images stored channels last: [images][height][width][channels].
struct PoolingSizes {
  std::int64_t images = 0;
  std::int64_t height = 0;  ///< At least 2.
  std::int64_t width = 0;   ///< At least 2.
  std::int64_t channels = 0;
};

/// Relu followed by 2 x 2 max-pooling with stride 2, in one pass, hand-written for one
/// instruction set. Values and gradients have the bits of torch::max_pool2d(torch::relu(x),
/// 2) for every instruction set: relu keeps NaN and the sign of zero; a NaN in the window
/// wins, the last of several; of equal maxima the first in row-major order wins; an odd last
/// row or column is in no window. Arrays need no alignment and must not overlap.
struct PoolingKernels {
  /// A window whose maximum is not above zero, and that lets no gradient through.
  static constexpr std::uint8_t kNoWinner = 4;

  /// maxima[n][i][j][c] = max(0, x[n][2i .. 2i + 1][2j .. 2j + 1][c]), and which of the
  /// four it was (0 .. 3, row-major) or kNoWinner. Both outputs are [images][height / 2]
  /// [width / 2][channels].
  void (*forward)(const PoolingSizes& sizes, const float* x, float* maxima, std::uint8_t* winners);

  /// The gradient of x, shaped like x: gradient[n][i][j][c] at the window's winner, zero
  /// elsewhere. `gradient` and `winners` are shaped like forward's outputs.
  void (*backward)(const PoolingSizes& sizes, const float* gradient, const std::uint8_t* winners,
                   float* x_gradient);
};

/// The kernels for "x86-64-v4", "x86-64-v3" or "x86-64". REQUIRES: one of these, and a
/// processor that has it.
const PoolingKernels& pooling_kernels(std::string_view isa);

}  // namespace hearsay

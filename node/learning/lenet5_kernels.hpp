#pragma once

#include <cstdint>
#include <string_view>

namespace hearsay {

/// Sizes of Lenet5Options' convolutional part. Stage 1: 28 x 28 image, 6 channels of
/// 5 x 5 taps with padding 2, relu, 2 x 2 maxima: 14 x 14. Stage 2: 16 channels of
/// 5 x 5 taps, relu, 2 x 2 maxima: 5 x 5, flattened channel by channel to 400 features.
struct Lenet5Sizes {
  static constexpr int kImage = 784;
  static constexpr int kFeatures = 400;
  static constexpr int kChannels1 = 6;
  static constexpr int kChannels2 = 16;
  static constexpr int kConv1Bias = 150;      ///< Offset of conv1.bias in the flat model.
  static constexpr int kConv2Weight = 156;    ///< Of conv2.weight.
  static constexpr int kConv2Bias = 2556;     ///< Of conv2.bias.
  static constexpr int kConvolutions = 2572;  ///< Parameters of both, and where fc1 starts.
  static constexpr int kPixel = 8;            ///< Channels of stage 1, padded to a power of two.
  static constexpr int kRow = 14 * kPixel;    ///< One row of stage 1.
};

/// The second convolution's weights, rearranged for the kernels.
struct Lenet5Weights {
  /// [tap row][tap column][channel in][channel out].
  alignas(64) float forward[25 * 6 * 16];

  /// Per channel out: 5 rows of [5 taps][8 channels in] and 8 zeros, with zeros around
  /// them, so that the weights moved down or right by one pixel are a window that
  /// starts earlier.
  static constexpr int kStride = 352;
  static constexpr int kStart = 64;
  static constexpr int kRow = 48;
  alignas(64) float backward[16 * kStride];
};

/// What the backward pass needs of one image's forward pass.
struct Lenet5Tape {
  /// Stage 1's output, [14][14][8], and room for vectors to read past its end.
  alignas(64) float stage1[14 * Lenet5Sizes::kRow + 32];

  /// Which of its 2 x 2 window each maximum was (0 .. 3, row-major). Stage 1:
  /// [14 rows][6 channels][16 columns, 14 in use]; stage 2: [25][16 channels].
  alignas(64) std::uint8_t winner1[14 * 6 * 16];
  alignas(64) std::uint8_t winner2[25 * 16];
};

/// Memory that the kernels need within one call. Zero it before the first use.
struct Lenet5Scratch {
  alignas(64) float columns[2 * 32 * 24];  ///< Padded image, even and odd columns apart.
  alignas(64) float pooled[25 * 16];       ///< Stage 2's output, channels last.
  alignas(64) float gradient1[14 * Lenet5Sizes::kRow];  ///< Of stage 1's output.
  alignas(64) float transposed[32 * 40];                ///< Padded image, columns first.
  alignas(64) float strips[28 * 32 * 5 + 32];           ///< [row][column]: 5 pixels downward.
};

/// Gradients of the convolutions, summed over images. Zero it before the first image.
struct Lenet5Gradient {
  alignas(64) float conv1[6 * 32];       ///< [channel][tap column * 5 + tap row].
  alignas(64) float conv1_bias[16];      ///< Entries c and c + 8 add up to channel c's.
  alignas(64) float conv2[16 * 5 * 48];  ///< [out][tap row][tap column * 8 + channel in].
  alignas(64) float conv2_bias[16];
};

/// LeNet-5's convolutional part, image by image, hand-written for one instruction set.
/// A maximum keeps NaN, and of equals the first in row-major order wins, as in
/// torch::max_pool2d; relu keeps NaN.
struct Lenet5Kernels {
  /// Rearranges the weights of a flat model.
  void (*arrange)(const float* parameters, Lenet5Weights* weights);

  /// 400 features of one image of 784 pixels. The tape holds all that backward() needs.
  void (*forward)(const float* image, const float* parameters, const Lenet5Weights& weights,
                  Lenet5Scratch* scratch, Lenet5Tape* tape, float* features);

  /// The same features, where no backward() follows: the tape's winners are not written.
  void (*infer)(const float* image, const float* parameters, const Lenet5Weights& weights,
                Lenet5Scratch* scratch, Lenet5Tape* tape, float* features);

  /// Adds one image's gradient. `feature_gradient` [400] is with respect to the features.
  void (*backward)(const float* image, const Lenet5Weights& weights, const Lenet5Tape& tape,
                   const float* features, const float* feature_gradient, Lenet5Scratch* scratch,
                   Lenet5Gradient* gradient);

  /// The sums as the first kConvolutions entries of a flat model.
  void (*flatten)(const Lenet5Gradient& gradient, float* flat);
};

/// The kernels for "x86-64-v4", "x86-64-v3" or "x86-64". REQUIRES: one of these, and a
/// processor that has it.
const Lenet5Kernels& lenet5_kernels(std::string_view isa);

}  // namespace hearsay

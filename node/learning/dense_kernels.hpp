#pragma once

#include <cstdint>
#include <string_view>

#include "node/learning/sgd_step.hpp"

namespace hearsay {

/// A row-major matrix of floats inside a larger array.
struct ConstMatrix {
  const float* data = nullptr;
  int rows = 0;
  int columns = 0;
  int stride = 0;  ///< Floats from one row to the next.
};

struct MutableMatrix {
  float* data = nullptr;
  int rows = 0;
  int columns = 0;
  int stride = 0;
};

/// What one softmax and cross-entropy says of a batch.
struct LossSums {
  double loss = 0.0;         ///< Sum over the samples.
  std::int64_t correct = 0;  ///< Samples whose largest logit (the first of equals) is the
                             ///< label's; none with a NaN logit.
};

/// Arithmetic of linear layers, hand-written for one instruction set. For a given set the
/// results are the same bits on every machine. A row of a result depends on its own row
/// of the input only, never on how many rows there are. Rows of a batch are samples:
/// X [m, k] input, W [n, k] weights, Y [m, n] output. Matrices must not overlap.
struct DenseKernels {
  /// Y = X W^T + bias, then relu if asked for.
  void (*forward)(ConstMatrix x, ConstMatrix w, const float* bias, bool relu, MutableMatrix y);

  /// dX = dY W.
  void (*input_gradient)(ConstMatrix dy, ConstMatrix w, MutableMatrix dx);

  /// One SGD step on W with the gradient dY^T X, and on bias with the column sums of dY.
  /// Velocities are null without momentum; else shaped like W and bias.
  void (*update)(ConstMatrix dy, ConstMatrix x, const SgdStep& step, MutableMatrix w, float* bias,
                 float* w_velocity, float* bias_velocity);

  /// One SGD step on `size` parameters with a given gradient; velocity as above.
  void (*update_with)(const float* gradient, int size, const SgdStep& step, float* parameters,
                      float* velocity);

  /// gradient = activation > 0 ? gradient : 0, elementwise; NaN activations keep it.
  void (*relu_gradient)(const float* activation, int size, float* gradient);

  /// Cross-entropy of each row of `logits` against its label. If `gradient_scale` is not
  /// 0, logits become gradient_scale * (softmax - one hot).
  LossSums (*cross_entropy)(MutableMatrix logits, const std::uint8_t* labels, float gradient_scale);
};

/// The kernels for "x86-64-v4", "x86-64-v3" or "x86-64". REQUIRES: one of these, and a
/// processor that has it.
const DenseKernels& dense_kernels(std::string_view isa);

}  // namespace hearsay

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "node/learning/dense_kernels.hpp"

namespace hearsay {

/// Linear layers with relu between them and softmax cross-entropy behind: the
/// activations of one batch, and their gradients, computed by DenseKernels. Each
/// layer's parameters are its weights [outputs, inputs] and then its bias, of which the last one
/// may have none.
class DenseLayers {
 public:
  /// `widths`: inputs of the first layer, outputs of each; at least two entries.
  DenseLayers(const DenseKernels& kernels, std::vector<int> widths, bool output_bias = true);

  /// Room for the inputs of `rows` samples, row after row. Valid until the next call.
  std::span<float> input(int rows);

  /// Fills the logits from the rows of the last input().
  void forward(const float* parameters);

  /// Loss and hits of the last forward() against one label per row.
  LossSums loss(const std::uint8_t* labels);

  /// The logits of the last forward(), row after row. Valid until the next call.
  std::span<const float> logits();

  /// The same as loss(), and the logits become the gradient of the mean loss; for backward().
  LossSums loss_and_gradient(const std::uint8_t* labels);

  /// Steps every layer, last one first. If `input_gradient` is not null, it receives
  /// the gradient with respect to the input, shaped like it. `velocity` may be null.
  void backward(const SgdStep& step, float* parameters, float* velocity, float* input_gradient);

 private:
  struct Layer {
    int inputs = 0;
    int outputs = 0;
    std::size_t weight = 0;  ///< Offsets into the parameters.
    std::size_t bias = 0;
    bool has_bias = true;
  };

  /// Floats in whole cache lines, so that vectors do not straddle two of them.
  struct alignas(64) CacheLine {
    float values[16];
  };
  using Memory = std::vector<CacheLine>;

  MutableMatrix matrix_in(Memory& memory, std::size_t level) const;
  MutableMatrix activation(std::size_t level);
  MutableMatrix gradient(std::size_t level);

  const DenseKernels& kernels_;
  std::vector<int> widths_;
  std::vector<Layer> layers_;
  int rows_ = 0;
  std::vector<Memory> activations_;  ///< Per level: input, ..., logits.
  std::vector<Memory> gradients_;    ///< Per level; those in between are used.

  /// Zeros between two calls: what stands for a bias that is not there, and its velocity.
  std::vector<float> no_bias_;
  std::vector<float> no_velocity_;
};

}  // namespace hearsay

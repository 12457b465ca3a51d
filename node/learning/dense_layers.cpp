#include "node/learning/dense_layers.hpp"

#include <algorithm>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

ConstMatrix view(MutableMatrix matrix) {
  return {matrix.data, matrix.rows, matrix.columns, matrix.stride};
}

}  // namespace

DenseLayers::DenseLayers(const DenseKernels& kernels, std::vector<int> widths, bool output_bias)
    : kernels_(kernels),
      widths_(std::move(widths)),
      activations_(widths_.size()),
      gradients_(widths_.size()) {
  HEARSAY_CHECK(widths_.size() >= 2);
  std::size_t offset = 0;
  for (std::size_t i = 1; i < widths_.size(); ++i) {
    Layer layer{.inputs = widths_[i - 1], .outputs = widths_[i]};
    layer.weight = offset;
    layer.bias =
        offset + static_cast<std::size_t>(layer.inputs) * static_cast<std::size_t>(layer.outputs);
    layer.has_bias = output_bias || i + 1 < widths_.size();
    offset = layer.bias + static_cast<std::size_t>(layer.outputs);
    layers_.push_back(layer);
  }
  if (output_bias) return;
  no_bias_.resize(static_cast<std::size_t>(widths_.back()));
  no_velocity_.resize(no_bias_.size());
}

MutableMatrix DenseLayers::matrix_in(Memory& memory, std::size_t level) const {
  const int columns = widths_[level];
  const auto size = static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns);
  const std::size_t lines = (size + 15) / 16;
  if (memory.size() < lines) memory.resize(lines);
  return {reinterpret_cast<float*>(memory.data()), rows_, columns, columns};
}

MutableMatrix DenseLayers::activation(std::size_t level) {
  return matrix_in(activations_[level], level);
}

MutableMatrix DenseLayers::gradient(std::size_t level) {
  return matrix_in(gradients_[level], level);
}

std::span<float> DenseLayers::input(int rows) {
  HEARSAY_CHECK(rows >= 1);
  rows_ = rows;
  const MutableMatrix matrix = activation(0);
  return {matrix.data, static_cast<std::size_t>(rows) * static_cast<std::size_t>(matrix.columns)};
}

void DenseLayers::forward(const float* parameters) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const ConstMatrix w{parameters + layer.weight, layer.outputs, layer.inputs, layer.inputs};
    const bool relu = i + 1 < layers_.size();
    const float* const bias = layer.has_bias ? parameters + layer.bias : no_bias_.data();
    kernels_.forward(view(activation(i)), w, bias, relu, activation(i + 1));
  }
}

LossSums DenseLayers::loss(const std::uint8_t* labels) {
  return kernels_.cross_entropy(activation(layers_.size()), labels, 0.0F);
}

std::span<const float> DenseLayers::logits() {
  const MutableMatrix logits = activation(layers_.size());
  return {logits.data,
          static_cast<std::size_t>(logits.rows) * static_cast<std::size_t>(logits.columns)};
}

LossSums DenseLayers::loss_and_gradient(const std::uint8_t* labels) {
  return kernels_.cross_entropy(activation(layers_.size()), labels,
                                1.0F / static_cast<float>(rows_));
}

void DenseLayers::backward(const SgdStep& step, float* parameters, float* velocity,
                           float* input_gradient) {
  MutableMatrix dy = activation(layers_.size());
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    const MutableMatrix w{parameters + layer.weight, layer.outputs, layer.inputs, layer.inputs};
    const MutableMatrix x = activation(i);
    MutableMatrix dx;
    // Before the weights change.
    if (i > 0) {
      dx = gradient(i);
      kernels_.input_gradient(view(dy), view(w), dx);
      kernels_.relu_gradient(x.data, dx.rows * dx.columns, dx.data);
    } else if (input_gradient != nullptr) {
      dx = {input_gradient, rows_, layer.inputs, layer.inputs};
      kernels_.input_gradient(view(dy), view(w), dx);
    }
    float* const bias = layer.has_bias ? parameters + layer.bias : no_bias_.data();
    float* weight_velocity = nullptr;
    float* bias_velocity = nullptr;
    if (velocity != nullptr) {
      weight_velocity = velocity + layer.weight;
      bias_velocity = layer.has_bias ? velocity + layer.bias : no_velocity_.data();
    }
    kernels_.update(view(dy), view(x), step, w, bias, weight_velocity, bias_velocity);
    std::ranges::fill(no_bias_, 0.0F);
    std::ranges::fill(no_velocity_, 0.0F);
    dy = dx;
  }
}

}  // namespace hearsay

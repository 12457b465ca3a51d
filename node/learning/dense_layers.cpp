#include "node/learning/dense_layers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

ConstMatrix view(MutableMatrix matrix) {
  return {matrix.data, matrix.rows, matrix.columns, matrix.stride};
}

}  // namespace

DenseLayers::DenseLayers(const DenseKernels& kernels, std::vector<int> widths)
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
    offset = layer.bias + static_cast<std::size_t>(layer.outputs);
    layers_.push_back(layer);
  }
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
    kernels_.forward(view(activation(i)), w, parameters + layer.bias, relu, activation(i + 1));
  }
}

LossSums DenseLayers::loss(const std::uint8_t* labels) {
  return kernels_.cross_entropy(activation(layers_.size()), labels, 0.0F);
}

void DenseLayers::classify(std::span<int> classes) {
  const MutableMatrix logits = activation(layers_.size());
  HEARSAY_CHECK(classes.size() == static_cast<std::size_t>(logits.rows));
  for (int row = 0; row < logits.rows; ++row) {
    const std::span<const float> values(
        logits.data + static_cast<std::ptrdiff_t>(row) * logits.stride,
        static_cast<std::size_t>(logits.columns));
    const bool has_nan = std::ranges::any_of(values, [](float v) { return std::isnan(v); });
    const auto largest = std::ranges::max_element(values) - values.begin();
    classes[static_cast<std::size_t>(row)] = has_nan ? -1 : static_cast<int>(largest);
  }
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
    kernels_.update(view(dy), view(x), step, w, parameters + layer.bias,
                    velocity == nullptr ? nullptr : velocity + layer.weight,
                    velocity == nullptr ? nullptr : velocity + layer.bias);
    dy = dx;
  }
}

}  // namespace hearsay

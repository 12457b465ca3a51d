#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "node/base/parameter_layout.hpp"

namespace hearsay {

/// Where a classifier's output layer lies in a flat model: `classes` rows of `features` weights,
/// then as many biases, or none.
struct OutputLayer {
  std::size_t offset = 0;
  std::size_t classes = 0;
  std::size_t features = 0;
  bool has_bias = false;

  std::size_t size() const { return classes * (features + (has_bias ? 1 : 0)); }

  /// The layer's part of a model.
  std::span<const float> of(std::span<const float> model) const {
    return model.subspan(offset, size());
  }
  std::span<float> of(std::span<float> model) const { return model.subspan(offset, size()); }
};

/// The last weight tensor of two dimensions, with the bias behind it if that has a number per
/// row. @throws UserError in the name of `rule` if there is none.
OutputLayer find_output_layer(const ParameterLayout& layout, std::string_view rule);

}  // namespace hearsay

#pragma once

#include <cstdint>
#include <vector>

#include "node/base/model_buffer.hpp"
#include "node/base/parameter_layout.hpp"
#include "node/base/rng.hpp"
#include "node/data/data_set.hpp"
#include "node/learning/model_options.hpp"

namespace hearsay {

/// A classifier's architecture, with its sizes taken from the data.
struct NetworkShape {
  enum class Family {
    kDense,   ///< Linear layers with relu between them.
    kLenet5,  ///< Lenet5Options' convolutions, then the linear layers of `widths`.
  };

  Family family = Family::kDense;

  /// Inputs of the first linear layer, outputs of each: {784, 64, 10}; lenet5 has
  /// {400, 84, classes}.
  std::vector<int> widths;

  bool output_bias = true;  ///< Whether the last layer has a bias.

  friend bool operator==(const NetworkShape&, const NetworkShape&) = default;
};

/// The shape of `model` on samples like those of `data`.
/// @throws UserError if they do not fit each other, naming both shapes.
/// REQUIRES: model is not quadratic.
NetworkShape network_shape(const ModelOptions& model, const DataSet& data);

/// Names and order as PyTorch's: conv1.weight, conv1.bias, conv2..., fc1.weight [out,
/// in], fc1.bias, fc2...
ParameterLayout network_layout(const NetworkShape& shape);

/// Draws all parameters in layout order from `rng`. Fans of a convolution count the
/// kernel's area.
ModelBuffer initial_parameters(const ParameterLayout& layout, Initializer initializer, Rng rng);

}  // namespace hearsay

#include "node/learning/network_shape.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) {
    if (!text.empty()) text += " x ";
    text += std::to_string(extent);
  }
  return text;
}

NetworkShape shape_of(const Lenet5Options&, const DataSet& data) {
  if (data.sample_shape != std::vector<std::int64_t>{1, 28, 28}) {
    throw UserError("model: lenet5 needs samples of 1 x 28 x 28, the data has " +
                    shape_text(data.sample_shape) + " (mlp takes any shape)");
  }
  return {.family = NetworkShape::Family::kLenet5, .widths = {400, 84, data.num_classes}};
}

NetworkShape shape_of(const MlpOptions& options, const DataSet& data) {
  NetworkShape shape;
  shape.widths.push_back(static_cast<int>(data.sample_size()));
  shape.widths.insert(shape.widths.end(), options.hidden.begin(), options.hidden.end());
  shape.widths.push_back(data.num_classes);
  return shape;
}

NetworkShape shape_of(const LogisticOptions&, const DataSet& data) {
  return shape_of(MlpOptions{.hidden = {}}, data);
}

template <class Options>
requires(Options::kOwnObjective) NetworkShape shape_of(const Options&, const DataSet&) {
  HEARSAY_CHECK(!"an objective of its own is no network");
  return {};
}

void add_layer(ParameterLayout& layout, const std::string& name,
               std::vector<std::int64_t> weight_shape, bool has_bias = true) {
  const std::int64_t outputs = weight_shape.front();
  layout.add(name + ".weight", std::move(weight_shape), TensorKind::kWeight);
  if (has_bias) layout.add(name + ".bias", {outputs}, TensorKind::kBias);
}

struct Fans {
  double in = 0.0;
  double out = 0.0;
};

Fans fans_of(const TensorSlot& weight) {
  const auto outputs = static_cast<double>(weight.shape[0]);
  const auto inputs = static_cast<double>(weight.shape[1]);
  const double area = static_cast<double>(weight.size) / (outputs * inputs);
  return {.in = inputs * area, .out = outputs * area};
}

}  // namespace

NetworkShape network_shape(const ModelOptions& model, const DataSet& data) {
  NetworkShape shape =
      std::visit([&data](const auto& options) { return shape_of(options, data); }, model.kind);
  shape.output_bias = model.output_bias;
  return shape;
}

ParameterLayout network_layout(const NetworkShape& shape) {
  ParameterLayout layout;
  if (shape.family == NetworkShape::Family::kLenet5) {
    add_layer(layout, "conv1", {6, 1, 5, 5});
    add_layer(layout, "conv2", {16, 6, 5, 5});
  }
  for (std::size_t i = 1; i < shape.widths.size(); ++i) {
    const bool has_bias = shape.output_bias || i + 1 < shape.widths.size();
    add_layer(layout, "fc" + std::to_string(i), {shape.widths[i], shape.widths[i - 1]}, has_bias);
  }
  return layout;
}

ModelBuffer initial_parameters(const ParameterLayout& layout, Initializer initializer, Rng rng) {
  ModelBuffer model = ModelBuffer::zeros(layout.size());
  const std::span<float> values = model.writable();
  Fans fans;
  for (const TensorSlot& tensor : layout.tensors()) {
    // A bias follows its weight and shares its fans.
    if (tensor.kind == TensorKind::kWeight) fans = fans_of(tensor);
    const bool fan_in = initializer == Initializer::kFanIn;
    if (tensor.kind == TensorKind::kBias && !fan_in) continue;
    const double bound = fan_in ? 1.0 / std::sqrt(fans.in) : std::sqrt(6.0 / (fans.in + fans.out));
    for (float& value : values.subspan(tensor.offset, tensor.size)) {
      value = static_cast<float>(bound * (2.0 * rng.uniform() - 1.0));
    }
  }
  return model;
}

}  // namespace hearsay

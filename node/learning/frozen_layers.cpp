#include "node/learning/frozen_layers.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "node/base/check.hpp"

namespace hearsay {

bool has_body(const NetworkShape& shape) {
  return shape.family == NetworkShape::Family::kLenet5 || shape.widths.size() > 2;
}

NetworkShape body_shape(const NetworkShape& shape) {
  HEARSAY_CHECK(has_body(shape));
  NetworkShape body = shape;
  body.widths.pop_back();
  body.output_bias = true;
  return body;
}

NetworkShape head_shape(const NetworkShape& shape) {
  return {.family = NetworkShape::Family::kDense,
          .widths = {shape.widths.end() - 2, shape.widths.end()},
          .output_bias = shape.output_bias};
}

ParameterLayout head_layout(const NetworkShape& shape) {
  const ParameterLayout whole = network_layout(shape);
  const std::size_t count = shape.output_bias ? 2 : 1;
  ParameterLayout head;
  for (const TensorSlot& tensor : std::span(whole.tensors()).last(count)) {
    head.add(tensor.name, tensor.shape, tensor.kind);
  }
  return head;
}

std::shared_ptr<const DataSet> features_of(const DataSet& data, const NetworkShape& shape,
                                           Network& body, std::span<const float> parameters) {
  const int width = shape.widths[shape.widths.size() - 2];
  std::vector<std::uint32_t> samples(data.labels.size());
  std::iota(samples.begin(), samples.end(), 0U);
  std::vector<float> values(samples.size() * static_cast<std::size_t>(width));
  body.infer({.data = data, .samples = samples}, parameters, values);
  for (float& value : values) value = std::max(value, 0.0F);
  auto features = std::make_shared<DataSet>();
  features->sample_shape = {width};
  features->num_classes = data.num_classes;
  features->labels = data.labels;
  features->features = std::move(values);
  return features;
}

}  // namespace hearsay

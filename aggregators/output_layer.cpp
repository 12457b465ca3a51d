#include "aggregators/output_layer.hpp"

#include <string>
#include <vector>

#include "node/base/error.hpp"

namespace hearsay {

OutputLayer find_output_layer(const ParameterLayout& layout, std::string_view rule) {
  const std::vector<TensorSlot>& tensors = layout.tensors();
  for (std::size_t i = tensors.size(); i-- > 0;) {
    const TensorSlot& tensor = tensors[i];
    if (tensor.kind != TensorKind::kWeight || tensor.shape.size() != 2) continue;
    OutputLayer layer{.offset = tensor.offset,
                      .classes = static_cast<std::size_t>(tensor.shape[0]),
                      .features = static_cast<std::size_t>(tensor.shape[1])};
    layer.has_bias = i + 1 < tensors.size() && tensors[i + 1].kind == TensorKind::kBias &&
                     tensors[i + 1].size == layer.classes;
    return layer;
  }
  throw UserError("aggregator.kind: " + std::string(rule) +
                  " needs a model with an output layer, a weight tensor of two dimensions; this "
                  "one has none");
}

}  // namespace hearsay

#include "node/base/parameter_layout.hpp"

#include <utility>

#include "node/base/check.hpp"

namespace hearsay {

void ParameterLayout::add(std::string name, std::vector<std::int64_t> shape, TensorKind kind) {
  std::size_t elements = 1;
  for (const std::int64_t extent : shape) {
    HEARSAY_CHECK(extent >= 1);
    elements *= static_cast<std::size_t>(extent);
  }
  tensors_.push_back({std::move(name), std::move(shape), kind, size_, elements});
  size_ += elements;
}

}  // namespace hearsay

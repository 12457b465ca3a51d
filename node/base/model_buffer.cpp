#include "node/base/model_buffer.hpp"

#include <algorithm>

#include "node/base/check.hpp"

namespace hearsay {

ModelBuffer::ModelBuffer(Buffer buffer) : buffer_(std::move(buffer)) {
  HEARSAY_CHECK(buffer_.size() % sizeof(float) == 0);
}

ModelBuffer ModelBuffer::zeros(std::size_t size) {
  ModelBuffer model = uninitialized(size);
  std::ranges::fill(model.writable(), 0.0F);
  return model;
}

ModelBuffer ModelBuffer::uninitialized(std::size_t size) {
  return ModelBuffer(Buffer::allocate(size * sizeof(float)));
}

ModelBuffer ModelBuffer::copy_of(std::span<const float> values) {
  return ModelBuffer(Buffer::copy_of(std::as_bytes(values)));
}

std::span<const float> ModelBuffer::values() const {
  return {reinterpret_cast<const float*>(buffer_.bytes().data()), size()};
}

std::span<float> ModelBuffer::writable() {
  return {reinterpret_cast<float*>(buffer_.writable().data()), size()};
}

void ModelBuffer::make_writable() {
  if (!is_writable()) *this = copy_of(values());
}

}  // namespace hearsay

#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "node/base/buffer.hpp"

namespace hearsay {

/// All parameters of one model: an immutable, shared, 64-byte-aligned flat float32
/// array. What each range means says the ParameterLayout, which all peers of a run
/// share. Sending, storing and receiving share the memory; only a sole owner may
/// write. Thread-safety as for Buffer.
class ModelBuffer {
 public:
  ModelBuffer() = default;  ///< No model: empty().

  /// REQUIRES: buffer.size() is a multiple of sizeof(float).
  explicit ModelBuffer(Buffer buffer);

  static ModelBuffer zeros(std::size_t size);
  static ModelBuffer uninitialized(std::size_t size);
  static ModelBuffer copy_of(std::span<const float> values);

  std::size_t size() const { return buffer_.size() / sizeof(float); }
  bool empty() const { return buffer_.is_null(); }  ///< Holds no model.
  std::span<const float> values() const;

  bool is_writable() const { return buffer_.is_writable(); }

  /// The parameters for writing. REQUIRES: is_writable().
  std::span<float> writable();

  /// Makes this handle the sole owner: copies the values if they are shared.
  void make_writable();

  Digest digest() const { return buffer_.digest(); }
  const Buffer& buffer() const { return buffer_; }

 private:
  Buffer buffer_;
};

}  // namespace hearsay

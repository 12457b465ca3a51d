#pragma once

#include <optional>

#include "node/base/buffer.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/parameter_layout.hpp"

namespace hearsay {

/// How an update looks on the wire. Stateless and shared by all peers.
class Codec {
 public:
  virtual ~Codec() = default;

  /// The payload for `model`.
  virtual Buffer encode(const ModelBuffer& model) const = 0;

  /// The model in `payload`, or nothing if the payload's size does not fit `layout`.
  virtual std::optional<ModelBuffer> decode(const Buffer& payload,
                                            const ParameterLayout& layout) const = 0;
};

}  // namespace hearsay

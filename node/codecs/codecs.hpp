#pragma once

#include <memory>
#include <variant>

#include "node/codecs/codec.hpp"
#include "node/codecs/dense.hpp"

namespace hearsay {

/// Every codec there is. To add one, add its options here. The position in the list is
/// the codec's number on the wire: append only.
using CodecOptions = std::variant<DenseCodecOptions>;

/// Builds the chosen codec.
inline std::unique_ptr<Codec> make_chosen(const CodecOptions& options) {
  return std::visit([](const auto& chosen) { return make_codec(chosen); }, options);
}

}  // namespace hearsay

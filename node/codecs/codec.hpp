#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <variant>

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

/// All parameters as little-endian float32: shares the model's memory both ways.
struct DenseCodecOptions {
  static constexpr std::string_view kKind = "dense";
  static constexpr std::string_view kSummary = "All parameters as float32.";

  friend bool operator==(const DenseCodecOptions&, const DenseCodecOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, DenseCodecOptions&) {}

using CodecOptions = std::variant<DenseCodecOptions>;

std::unique_ptr<Codec> make_codec(const DenseCodecOptions& options);

/// Builds the chosen codec.
inline std::unique_ptr<Codec> make_chosen(const CodecOptions& options) {
  return std::visit([](const auto& chosen) { return make_codec(chosen); }, options);
}

}  // namespace hearsay

#pragma once

#include <memory>
#include <string_view>

#include "node/codecs/codec.hpp"

namespace hearsay {

/// All parameters as little-endian float32: shares the model's memory both ways.
struct DenseCodecOptions {
  static constexpr std::string_view kKind = "dense";
  static constexpr std::string_view kSummary = "All parameters as float32.";

  friend bool operator==(const DenseCodecOptions&, const DenseCodecOptions&) = default;
};

template <class Visitor>
void describe(Visitor&, DenseCodecOptions&) {}

std::unique_ptr<Codec> make_codec(const DenseCodecOptions& options);

}  // namespace hearsay

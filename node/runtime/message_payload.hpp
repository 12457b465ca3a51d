#pragma once

#include <cstdint>
#include <optional>

#include "node/base/buffer.hpp"

namespace hearsay {

/// Set in an envelope's `kind` where the payload ends with data of the protocol.
constexpr std::uint32_t kHasData = 0x100;

/// A payload's model, as the codec wrote it (null: none), and the protocol's data.
struct PayloadParts {
  Buffer model;
  Buffer data;
};

/// [model][data][size of the data: 4 bytes, little endian].
Buffer join_payload(const PayloadParts& parts);

/// Undoes join_payload(); nothing if the size is not one that can be.
std::optional<PayloadParts> split_payload(const Buffer& payload);

}  // namespace hearsay

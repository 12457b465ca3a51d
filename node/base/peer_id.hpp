#pragma once

#include <cstdint>

namespace hearsay {

/// Identity of a peer: 0 .. num_peers - 1.
using PeerId = std::int32_t;

}  // namespace hearsay

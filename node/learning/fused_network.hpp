#pragma once

#include <memory>
#include <string_view>

#include "node/learning/network.hpp"
#include "node/learning/network_shape.hpp"

namespace hearsay {

/// True if hand-written kernels exist for this shape.
bool has_fused_network(const NetworkShape& shape);

/// A network computed by the hand-written kernels of `isa` (as in KernelSet::fused_isa),
/// without LibTorch. REQUIRES: has_fused_network(shape); the processor has `isa`.
std::unique_ptr<Network> make_fused_network(const NetworkShape& shape, std::string_view isa);

}  // namespace hearsay

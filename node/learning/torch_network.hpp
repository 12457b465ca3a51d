#pragma once

#include <memory>
#include <string_view>

#include "node/learning/network.hpp"
#include "node/learning/network_shape.hpp"

namespace hearsay {

/// A network computed by LibTorch's operators and autograd: the reference for the
/// hand-written kernels. Its parameters are tensors that point into the flat model of
/// the moment, so that nothing is copied in or out. Relu and pooling after a convolution
/// are one operator of ours, with the bits of LibTorch's two, computed by the kernels of
/// `isa` (as in KernelSet::fused_isa). Makes LibTorch use one thread on every
/// thread that calls the network: results depend neither on the thread nor on alignment.
/// REQUIRES: the processor has `isa`.
std::unique_ptr<Network> make_torch_network(const NetworkShape& shape, std::string_view isa);

}  // namespace hearsay

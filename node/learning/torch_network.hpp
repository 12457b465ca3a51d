#pragma once

#include <memory>

#include "node/learning/network.hpp"
#include "node/learning/network_shape.hpp"

namespace hearsay {

/// A network computed by LibTorch's operators and autograd: the reference for the
/// hand-written kernels. Its parameters are tensors that point into the flat model of
/// the moment, so that nothing is copied in or out. Makes LibTorch use one thread on
/// the calling thread.
std::unique_ptr<Network> make_torch_network(const NetworkShape& shape);

}  // namespace hearsay

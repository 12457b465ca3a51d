#pragma once

#include <string_view>

namespace at {
class Tensor;
}  // namespace at

namespace hearsay {

/// torch::max_pool2d(torch::relu(x), 2) as one operator of autograd, its values and its
/// gradient equal to LibTorch's in every bit (see PoolingKernels for ties, NaN and zeros).
/// Keeps one byte per window for the backward pass. Computed by the kernels of `isa`; the
/// choice changes no bit. The result, and the gradient of x, lie channels last; an x that
/// does not is copied once.
/// REQUIRES: x [images, channels, height, width] holds floats in main memory, height and
/// width are at least 2; the processor has `isa`. The gradient itself is not
/// differentiable: no backward pass with create_graph.
at::Tensor relu_max_pool(const at::Tensor& x, std::string_view isa);

}  // namespace hearsay

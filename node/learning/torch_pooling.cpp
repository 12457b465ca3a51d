#include "node/learning/torch_pooling.hpp"

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "node/base/check.hpp"
#include "node/learning/pooling_kernels.hpp"

namespace hearsay {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr at::MemoryFormat kLayout = at::MemoryFormat::ChannelsLast;

PoolingSizes sizes_of(at::IntArrayRef shape) {
  return {.images = shape[0], .height = shape[2], .width = shape[3], .channels = shape[1]};
}

class ReluMaxPool : public torch::autograd::Function<ReluMaxPool> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const std::string& isa) {
    const torch::Tensor pixels = x.contiguous(kLayout);
    const PoolingSizes sizes = sizes_of(pixels.sizes());
    const std::vector<std::int64_t> shape = {sizes.images, sizes.channels, sizes.height / 2,
                                             sizes.width / 2};
    torch::Tensor maxima = torch::empty(shape, kLayout);
    torch::Tensor winners = torch::empty(shape, torch::kUInt8, kLayout);
    pooling_kernels(isa).forward(sizes, pixels.data_ptr<float>(), maxima.data_ptr<float>(),
                                 winners.data_ptr<std::uint8_t>());
    context->save_for_backward({winners});
    context->saved_data["shape"] = x.sizes();
    context->saved_data["isa"] = isa;
    return maxima;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    HEARSAY_CHECK(!torch::GradMode::is_enabled());
    const std::vector<std::int64_t> shape = context->saved_data["shape"].toIntVector();
    const torch::Tensor winners = context->get_saved_variables()[0];
    const torch::Tensor gradient = gradients[0].contiguous(kLayout);
    torch::Tensor x_gradient = torch::empty(shape, kLayout);
    pooling_kernels(context->saved_data["isa"].toStringRef())
        .backward(sizes_of(shape), gradient.data_ptr<float>(), winners.data_ptr<std::uint8_t>(),
                  x_gradient.data_ptr<float>());
    return {x_gradient, torch::Tensor()};
  }
};

}  // namespace

at::Tensor relu_max_pool(const at::Tensor& x, std::string_view isa) {
  HEARSAY_CHECK(x.device().is_cpu());
  HEARSAY_CHECK(x.scalar_type() == torch::kFloat32);
  HEARSAY_CHECK(x.dim() == 4);
  HEARSAY_CHECK(x.size(2) >= 2);
  HEARSAY_CHECK(x.size(3) >= 2);
  return ReluMaxPool::apply(x, std::string(isa));
}

}  // namespace hearsay

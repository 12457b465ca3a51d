#include "node/learning/torch_network.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <string>
#include <vector>

#include "node/base/check.hpp"
#include "node/learning/torch_pooling.hpp"

namespace hearsay {
namespace {

/// Samples per pass when a model is tested.
constexpr std::size_t kChunk = 500;

/// The setting belongs to the thread that computes, whichever made the network; a second
/// thread's share would change the order of summation.
void compute_on_this_thread_alone() {
  thread_local bool done = false;
  if (!done) at::set_num_threads(1);
  done = true;
}

class TorchNetwork final : public Network {
 public:
  TorchNetwork(const NetworkShape& shape, std::string_view isa)
      : family_(shape.family), isa_(isa), layout_(network_layout(shape)) {
    for (const TensorSlot& slot : layout_.tensors()) {
      parameters_.push_back(torch::zeros(slot.shape).set_requires_grad(true));
    }
  }

  double train_step(const SampleBatch& batch, const SgdStep& step, std::span<float> parameters,
                    std::span<float> velocity) override {
    compute_on_this_thread_alone();
    point_at(parameters.data(), parameters.size());
    const torch::Tensor loss = torch::nn::functional::cross_entropy(logits(batch), labels(batch));
    loss.backward();
    update(step, velocity);
    return loss.item<double>();
  }

  Scores score(const SampleBatch& batch, std::span<const float> parameters) override {
    compute_on_this_thread_alone();
    const torch::NoGradGuard no_grad;
    // Only read from, with gradients off.
    point_at(const_cast<float*>(parameters.data()), parameters.size());
    Scores scores;
    for (std::size_t first = 0; first < batch.samples.size(); first += kChunk) {
      const std::size_t count = std::min(kChunk, batch.samples.size() - first);
      const SampleBatch chunk{batch.data, batch.samples.subspan(first, count)};
      const torch::Tensor outputs = logits(chunk);
      const torch::Tensor targets = labels(chunk);
      const torch::Tensor hits = outputs.argmax(1).eq(targets) & ~outputs.isnan().any(1);
      scores.correct += hits.sum().item<std::int64_t>();
      scores.loss_sum +=
          torch::nn::functional::cross_entropy(
              outputs, targets,
              torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum))
              .item<double>();
    }
    return scores;
  }

  void infer(const SampleBatch& batch, std::span<const float> parameters,
             std::span<float> out) override {
    compute_on_this_thread_alone();
    const torch::NoGradGuard no_grad;
    point_at(const_cast<float*>(parameters.data()), parameters.size());
    std::size_t next = 0;
    for (std::size_t first = 0; first < batch.samples.size(); first += kChunk) {
      const std::size_t count = std::min(kChunk, batch.samples.size() - first);
      const torch::Tensor outputs =
          logits({batch.data, batch.samples.subspan(first, count)}).contiguous();
      const auto size = static_cast<std::size_t>(outputs.numel());
      HEARSAY_CHECK(size <= out.size() - next);
      std::copy_n(outputs.data_ptr<float>(), size, out.data() + next);
      next += size;
    }
    HEARSAY_CHECK(next == out.size());
  }

 private:
  /// set_data accepts a tensor of another shape silently; shapes come from the layout.
  void point_at(float* values, std::size_t size) {
    HEARSAY_CHECK(size == layout_.size());
    if (values == values_) return;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const TensorSlot& slot = layout_.tensors()[i];
      parameters_[i].set_data(torch::from_blob(values + slot.offset, slot.shape));
    }
    values_ = values;
  }

  torch::Tensor logits(const SampleBatch& batch) {
    const auto count = static_cast<std::int64_t>(batch.samples.size());
    const bool images = family_ == NetworkShape::Family::kLenet5;
    // That one channel lies last is what makes all that follows lie so too.
    torch::Tensor x = images ? torch::empty({count, 1, 28, 28}, at::MemoryFormat::ChannelsLast)
                             : torch::empty({count, batch.data.sample_size()});
    batch.data.gather(batch.samples, {x.data_ptr<float>(), static_cast<std::size_t>(x.numel())});
    std::size_t next = 0;
    if (images) {
      x = relu_max_pool(torch::conv2d(x, parameters_[0], parameters_[1], 1, 2), isa_);
      x = relu_max_pool(torch::conv2d(x, parameters_[2], parameters_[3]), isa_);
      x = x.flatten(1);
      next = 4;
    }
    for (; next < parameters_.size(); next += 2) {
      const bool has_bias = next + 1 < parameters_.size();
      x = torch::linear(x, parameters_[next], has_bias ? parameters_[next + 1] : torch::Tensor());
      if (next + 2 < parameters_.size()) x = torch::relu(x);
    }
    return x;
  }

  static torch::Tensor labels(const SampleBatch& batch) {
    torch::Tensor labels =
        torch::empty({static_cast<std::int64_t>(batch.samples.size())}, torch::kInt64);
    auto* const out = labels.data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      out[i] = batch.data.labels[batch.samples[i]];
    }
    return labels;
  }

  /// Leaves gradients undefined, which is cheaper for the next step than zeros.
  void update(const SgdStep& step, std::span<float> velocity) {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      torch::Tensor& parameter = parameters_[i];
      torch::Tensor gradient = parameter.grad();
      if (step.weight_decay != 0.0F) gradient.add_(parameter, step.weight_decay);
      if (!velocity.empty()) {
        const TensorSlot& slot = layout_.tensors()[i];
        torch::Tensor v = torch::from_blob(velocity.data() + slot.offset, slot.shape);
        gradient = v.mul_(step.momentum).add_(gradient);
      }
      parameter.add_(gradient, -step.lr);
      parameter.mutable_grad().reset();
    }
  }

  NetworkShape::Family family_;
  std::string isa_;
  ParameterLayout layout_;
  std::vector<torch::Tensor> parameters_;  ///< In layout order: weight, bias, weight, ...
  const float* values_ = nullptr;          ///< What the parameters point at.
};

}  // namespace

std::unique_ptr<Network> make_torch_network(const NetworkShape& shape, std::string_view isa) {
  return std::make_unique<TorchNetwork>(shape, isa);
}

}  // namespace hearsay

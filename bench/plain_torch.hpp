#pragma once

#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "node/data/data_set.hpp"
#include "node/learning/kernel_set.hpp"
#include "node/learning/model_options.hpp"

/// What a plain LibTorch program would do, for comparison with ours: ordinary torch::nn
/// modules, autograd, and an SGD step by hand, which is faster than torch::optim::SGD.

namespace hearsay {

struct PlainModule : torch::nn::Module {
  /// x: [samples, 784], float32. Returns [samples, 10].
  virtual torch::Tensor forward(torch::Tensor x) = 0;
};

/// Lenet5Options.
struct PlainLenet5 final : PlainModule {
  torch::nn::Conv2d conv1{torch::nn::Conv2dOptions(1, 6, 5).padding(2)};
  torch::nn::Conv2d conv2{torch::nn::Conv2dOptions(6, 16, 5)};
  torch::nn::Linear fc1{400, 84};
  torch::nn::Linear fc2{84, 10};

  PlainLenet5() {
    register_module("conv1", conv1);
    register_module("conv2", conv2);
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }

  torch::Tensor forward(torch::Tensor x) override {
    x = torch::max_pool2d(torch::relu(conv1(x.view({-1, 1, 28, 28}))), 2);
    x = torch::max_pool2d(torch::relu(conv2(x)), 2);
    return fc2(torch::relu(fc1(x.flatten(1))));
  }
};

/// MlpOptions with one hidden layer.
struct PlainMlp final : PlainModule {
  torch::nn::Linear fc1;
  torch::nn::Linear fc2;

  explicit PlainMlp(int hidden) : fc1(784, hidden), fc2(hidden, 10) {
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }

  torch::Tensor forward(torch::Tensor x) override { return fc2(torch::relu(fc1(x))); }
};

/// LogisticOptions.
struct PlainLogistic final : PlainModule {
  torch::nn::Linear fc1{784, 10};

  PlainLogistic() { register_module("fc1", fc1); }

  torch::Tensor forward(torch::Tensor x) override { return fc1(x); }
};

/// REQUIRES: lenet5, mlp with one hidden layer, or logistic.
inline std::unique_ptr<PlainModule> make_plain_module(const ModelKind& kind) {
  if (std::holds_alternative<Lenet5Options>(kind)) return std::make_unique<PlainLenet5>();
  if (const auto* mlp = std::get_if<MlpOptions>(&kind)) {
    return std::make_unique<PlainMlp>(mlp->hidden.at(0));
  }
  return std::make_unique<PlainLogistic>();
}

/// Features of the chosen samples: [samples, 784], float32.
inline torch::Tensor plain_features(const DataSet& data, std::span<const std::uint32_t> samples) {
  torch::Tensor x = torch::empty({static_cast<std::int64_t>(samples.size()), data.sample_size()});
  data.gather(samples, {x.data_ptr<float>(), static_cast<std::size_t>(x.numel())});
  return x;
}

/// Labels of the chosen samples: [samples], int64.
inline torch::Tensor plain_labels(const DataSet& data, std::span<const std::uint32_t> samples) {
  torch::Tensor y = torch::empty({static_cast<std::int64_t>(samples.size())}, torch::kInt64);
  std::ranges::transform(samples, y.data_ptr<std::int64_t>(),
                         [&](std::uint32_t sample) { return data.labels[sample]; });
  return y;
}

/// One SGD step on one batch. `parameters` are those of `module`.
inline void plain_step(PlainModule& module, std::vector<torch::Tensor>& parameters,
                       const torch::Tensor& x, const torch::Tensor& labels, float rate) {
  torch::nn::functional::cross_entropy(module.forward(x), labels).backward();
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : parameters) {
    parameter.add_(parameter.grad(), -rate);
    parameter.mutable_grad().reset();
  }
}

/// Gives this process the kernels and memory settings of a run. BLAS reads its settings
/// when it is loaded, before main: sets them and starts the program over, once. Call
/// first in main.
inline void use_kernels_of_runs(char** argv) {
  const bool is_first_start = std::getenv("OPENBLAS_CORETYPE") == nullptr;
  apply_kernels(choose_kernels(false));
  if (is_first_start) execv("/proc/self/exe", argv);
}

/// REQUIRES: values is not empty.
inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace hearsay

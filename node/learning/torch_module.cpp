#include "node/learning/torch_module.hpp"

#include "node/base/loaded_module.hpp"

namespace hearsay {
namespace {

constexpr ModuleName kTorch{.file = "libhearsay_torch.so", .content = "LibTorch", .key = "model"};

}  // namespace

std::unique_ptr<LearningProblem> make_torch_problem(LearningInputs inputs) {
  apply_kernels(inputs.kernels);
  auto* const make = LoadedModule(kTorch).function<LearningProblem*(LearningInputs*)>(
      "hearsay_make_torch_problem");
  return std::unique_ptr<LearningProblem>(make(&inputs));
}

TorchLibraries torch_libraries() {
  const LoadedModule module(kTorch);
  return {.torch_version = module.function<const char*()>("hearsay_torch_version")(),
          .blas = module.function<const char*()>("hearsay_blas_description")()};
}

bool torch_is_loaded() { return is_loaded(kTorch); }

}  // namespace hearsay

#include <dlfcn.h>
#include <torch/version.h>

#include <memory>
#include <utility>

#include "node/learning/classification_problem.hpp"
#include "node/learning/torch_network.hpp"

/// What torch_module.cpp looks up in the module.
extern "C" {

hearsay::LearningProblem* hearsay_make_torch_problem(hearsay::LearningInputs* inputs) {
  const auto make_network = [isa = inputs->kernels.fused_isa](const hearsay::NetworkShape& shape) {
    return hearsay::make_torch_network(shape, isa);
  };
  return std::make_unique<hearsay::ClassificationProblem>(std::move(*inputs), make_network)
      .release();
}

const char* hearsay_torch_version() { return TORCH_VERSION; }

const char* hearsay_blas_description() {
  using Describe = const char* (*)();
  const auto describe = reinterpret_cast<Describe>(dlsym(RTLD_DEFAULT, "openblas_get_config"));
  return describe == nullptr ? "reference BLAS" : describe();
}

}  // extern "C"

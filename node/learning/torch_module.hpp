#pragma once

#include <memory>
#include <string>

#include "node/learning/problem_factory.hpp"

namespace hearsay {

/// The module that holds everything of LibTorch, loaded at the first call (0.4 s) and
/// never unloaded. It lies beside the executable, or in ../lib/hearsay of an installed
/// tree. Every function loads it and
/// @throws UserError if it is missing or cannot be loaded.

/// The problem computed by LibTorch's autograd. The kernels of `inputs` are applied
/// before LibTorch is loaded; they have no effect once it is.
std::unique_ptr<LearningProblem> make_torch_problem(LearningInputs inputs);

/// What the manifest says of LibTorch.
struct TorchLibraries {
  std::string torch_version;

  /// OpenBLAS' description of itself, or "reference BLAS", many times slower.
  std::string blas;
};
TorchLibraries torch_libraries();

/// True if this process has loaded the module. Loads nothing.
bool torch_is_loaded();

}  // namespace hearsay

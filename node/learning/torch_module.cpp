#include "node/learning/torch_module.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr const char* kModule = "libhearsay_torch.so";

std::filesystem::path module_path() {
  std::error_code ignored;
  const std::filesystem::path executable =
      std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const std::filesystem::path installed = executable.parent_path() / "lib" / "hearsay" / kModule;
  const std::filesystem::path beside = executable / kModule;
  return std::filesystem::exists(beside, ignored) ? beside : installed;
}

void* loaded_module() {
  const std::filesystem::path path = module_path();
  // Symbols are shared so that the module can find BLAS' own description.
  void* const module = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (module == nullptr) {
    throw UserError(std::string("model: cannot load LibTorch's module (beside the executable or "
                                "in ../lib/hearsay): ") +
                    dlerror());
  }
  return module;
}

template <class Function>
Function* function_in(void* module, const char* name) {
  void* const symbol = dlsym(module, name);
  if (symbol == nullptr) {
    throw UserError(std::string("model: ") + kModule + " is of another version: it lacks " + name);
  }
  return reinterpret_cast<Function*>(symbol);
}

}  // namespace

std::unique_ptr<LearningProblem> make_torch_problem(LearningInputs inputs) {
  apply_kernels(inputs.kernels);
  auto* const make =
      function_in<LearningProblem*(LearningInputs*)>(loaded_module(), "hearsay_make_torch_problem");
  return std::unique_ptr<LearningProblem>(make(&inputs));
}

TorchLibraries torch_libraries() {
  void* const module = loaded_module();
  return {.torch_version = function_in<const char*()>(module, "hearsay_torch_version")(),
          .blas = function_in<const char*()>(module, "hearsay_blas_description")()};
}

bool torch_is_loaded() {
  void* const module = dlopen(module_path().c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (module == nullptr) return false;
  dlclose(module);
  return true;
}

}  // namespace hearsay

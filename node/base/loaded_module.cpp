#include "node/base/loaded_module.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

std::filesystem::path path_of(const ModuleName& name) {
  std::error_code ignored;
  const std::filesystem::path executable =
      std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const std::filesystem::path installed = executable.parent_path() / "lib" / "hearsay" / name.file;
  const std::filesystem::path beside = executable / name.file;
  return std::filesystem::exists(beside, ignored) ? beside : installed;
}

}  // namespace

// LibTorch's module looks up BLAS' own description, which takes shared symbols.
LoadedModule::LoadedModule(const ModuleName& name)
    : name_(name), handle_(dlopen(path_of(name).c_str(), RTLD_NOW | RTLD_GLOBAL)) {
  if (handle_ == nullptr) {
    throw UserError(std::string(name.key) + ": cannot load " + name.content +
                    "'s module (beside the executable or in ../lib/hearsay): " + dlerror());
  }
}

void* LoadedModule::address(const char* symbol) const {
  void* const found = dlsym(handle_, symbol);
  if (found == nullptr) {
    throw UserError(std::string(name_.key) + ": " + name_.file +
                    " is of another version: it lacks " + symbol);
  }
  return found;
}

bool is_loaded(const ModuleName& name) {
  void* const module = dlopen(path_of(name).c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (module == nullptr) return false;
  dlclose(module);
  return true;
}

}  // namespace hearsay

#pragma once

namespace hearsay {

/// A shared library of ours that is loaded when a run asks for it: one that would make
/// every start slow, or of which a process bears only one. It lies beside the executable,
/// or in ../lib/hearsay of an installed tree.
struct ModuleName {
  const char* file;     ///< E.g. "libhearsay_torch.so".
  const char* content;  ///< What it holds, for messages, e.g. "LibTorch".
  const char* key;      ///< The scenario's key that asks for it, e.g. "model".
};

/// A module in this process. Never unloaded; its symbols are shared with all others. Copies
/// are handles of the same module.
class LoadedModule {
 public:
  /// Loads the module unless this process has it already.
  /// @throws UserError if it is missing or cannot be loaded.
  explicit LoadedModule(const ModuleName& name);

  /// A function that the module exports as extern "C". REQUIRES: it has this type.
  /// @throws UserError if there is none: the module is of another version.
  template <class Function>
  Function* function(const char* symbol) const {
    return reinterpret_cast<Function*>(address(symbol));
  }

 private:
  void* address(const char* symbol) const;

  ModuleName name_;
  void* handle_;
};

/// Whether this process has loaded the module. Loads nothing.
bool is_loaded(const ModuleName& name);

}  // namespace hearsay

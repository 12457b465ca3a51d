#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "node/live/live_host.hpp"

namespace hearsay {

/// How one process of a deployment is run.
struct NodeOptions {
  std::filesystem::path deployment;  ///< File.
  std::string host;                  ///< Which of its processes this one is.
  std::filesystem::path secret_key;  ///< File; not looked at without encryption.
  bool allow_plaintext = false;      ///< Take part where nothing is encrypted.
  std::filesystem::path revoked;     ///< File with keys that are not valid; read again when
                                     ///< it changes. May be missing.

  /// Where the process saves its peers, and finds them again when it is started anew. Empty:
  /// it does neither.
  std::filesystem::path state;
};

/// What a process has to say for itself.
using NodeLog = std::function<void(const std::string& line)>;

/// Runs the peers of one process until they are done. Setting `stop` ends it soon.
/// @throws UserError for a deployment, key or scenario that is wrong, for a process that hosts
///         nobody, and for plaintext without permission.
LiveEnd run_node(const NodeOptions& options, const std::atomic<bool>& stop, const NodeLog& log);

}  // namespace hearsay

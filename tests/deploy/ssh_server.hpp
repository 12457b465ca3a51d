#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "scenarios/local_processes.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {

/// An ssh server on a free port of the loopback interface that lets one key in, made for it; all
/// of it in a temporary directory.
class SshServer {
 public:
  /// Why there can be none on this machine; nothing if there can.
  static std::optional<std::string> obstacle();

  /// Starts it, and waits until it listens. @throws std::runtime_error if it does not.
  SshServer();

  /// The command that reaches it, whatever the name of the host.
  std::string command() const;

 private:
  TemporaryDirectory temporary_;
  LocalProcesses daemons_;
};

}  // namespace hearsay

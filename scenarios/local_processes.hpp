#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hearsay {

/// A program to be started.
struct Launch {
  std::string name;                    ///< Of the process, for messages.
  std::vector<std::string> arguments;  ///< The program itself first.
  std::filesystem::path log;           ///< Gets its standard output and error, appended.
};

/// Programs that run on this machine as children of this process. Not for concurrent use.
class LocalProcesses {
 public:
  LocalProcesses() = default;
  LocalProcesses(const LocalProcesses&) = delete;
  LocalProcesses& operator=(const LocalProcesses&) = delete;

  /// Kills what still runs, and waits for it.
  ~LocalProcesses();

  /// @returns its index. @throws std::runtime_error if it cannot be started.
  std::size_t start(const Launch& launch);

  /// Starts the program at `index`, which has ended, again.
  void restart(std::size_t index);

  /// How it ended: its exit code, or 128 + the signal; nothing while it runs.
  std::optional<int> exit_code(std::size_t index);

  bool all_ended();
  void signal_all(int signal);

  std::size_t size() const { return children_.size(); }
  const Launch& launch(std::size_t index) const { return children_[index].launch; }

 private:
  struct Child {
    Launch launch;
    pid_t process = -1;
    std::optional<int> exit_code;
  };

  std::vector<Child> children_;
};

/// "killed by signal 9 (Killed)", "exit code 3".
std::string exit_text(int exit_code);

/// The last line of a log; empty if there is none.
std::string last_line(const std::filesystem::path& log);

}  // namespace hearsay

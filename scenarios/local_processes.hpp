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

  /// What it reads from its standard input, which then stays open: its end tells the program
  /// that this process is gone, or that it should stop. Nothing: it has this process's input.
  /// REQUIRES: at most 1 MiB, what a pipe holds.
  std::optional<std::string> input = std::nullopt;
};

/// Programs that run on this machine as children of this process, in process groups of their
/// own: a Ctrl-C at the terminal is this process's to deal with. Not for concurrent use.
class LocalProcesses {
 public:
  LocalProcesses() = default;
  LocalProcesses(const LocalProcesses&) = delete;
  LocalProcesses& operator=(const LocalProcesses&) = delete;

  /// Kills what still runs, and waits for it.
  ~LocalProcesses();

  /// @returns its index. @throws std::runtime_error if it cannot be started.
  std::size_t start(const Launch& launch);

  /// Starts another program in the place of one that has ended.
  void restart(std::size_t index, const Launch& launch);

  /// How it ended: its exit code, or 128 + the signal; nothing while it runs.
  std::optional<int> exit_code(std::size_t index);

  /// Kills the program at `index` and waits for its end, if it still runs.
  void kill(std::size_t index);

  bool all_ended();
  void signal_all(int signal);

  /// Ends the standard input of all that have one.
  void end_inputs();

  std::size_t size() const { return children_.size(); }
  const Launch& launch(std::size_t index) const { return children_[index].launch; }

 private:
  struct Child {
    Launch launch;
    pid_t process = -1;
    int input = -1;  ///< The end of its input that is written to.
    std::optional<int> exit_code;
  };

  static Child spawn(const Launch& launch);
  static void end_input(Child& child);

  std::vector<Child> children_;
};

/// "killed by signal 9 (Killed)", "exit code 3".
std::string exit_text(int exit_code);

/// The last line of a log; empty if there is none.
std::string last_line(const std::filesystem::path& log);

}  // namespace hearsay

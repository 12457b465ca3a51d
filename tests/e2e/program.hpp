#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace hearsay {

/// What a finished program left.
struct ProgramResult {
  int exit_code = -1;  ///< 128 + signal if a signal ended it.
  std::string out;
  std::string err;
};

/// Runs the hearsay executable under test with `arguments` and waits for its end.
ProgramResult run_hearsay(const std::vector<std::string>& arguments);

/// The same, and sends SIGINT when `text` has appeared on its stderr. The program can print
/// no more than a few kB beyond it before it gets the signal.
ProgramResult interrupt_hearsay(const std::vector<std::string>& arguments, const std::string& text);

/// The same with SIGKILL, which reaches the program alone.
ProgramResult kill_hearsay_at(const std::vector<std::string>& arguments, const std::string& text);

/// The same, and ends it with SIGKILL if it still runs after a wall-clock time.
ProgramResult kill_hearsay(const std::vector<std::string>& arguments,
                           std::chrono::milliseconds after);

}  // namespace hearsay

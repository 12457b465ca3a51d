#pragma once

#include <string>
#include <vector>

namespace hearsay {

/// What a program that has ended said.
struct ProgramOutput {
  int exit_code = 0;  ///< 128 + the signal that ended it.
  std::string out;    ///< Its standard output.
  std::string err;    ///< Its standard error.
};

/// Runs a program found on the path, without a shell and with an empty standard input, until it
/// ends. @throws std::runtime_error if it cannot be started.
ProgramOutput run_program(const std::vector<std::string>& arguments);

/// Its standard output. @throws std::runtime_error also if it fails, with what it said.
std::string output_of(const std::vector<std::string>& arguments);

}  // namespace hearsay

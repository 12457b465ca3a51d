#pragma once

namespace hearsay {

/// Exit codes of every command.
enum ExitCode {
  kExitDone = 0,
  kExitDiffers = 1,       ///< A replay does not agree with its run.
  kExitUserError = 2,     ///< What the user gave is wrong; nothing was started.
  kExitRunFailed = 3,     ///< The run broke off through no mistake of the scenario's.
  kExitStalled = 4,       ///< No peer could go on; the waiting peers are printed.
  kExitInterrupted = 130  ///< Ctrl-C; the results so far are there.
};

/// The program: parses the arguments, carries out the command, prints errors as one line
/// on stderr and returns the exit code. Installs a handler for SIGINT and SIGTERM.
int run_command_line(int argc, char** argv);

}  // namespace hearsay

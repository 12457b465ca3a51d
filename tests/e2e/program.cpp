#include "tests/e2e/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace hearsay {
namespace {

struct Pipe {
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  }
  int ends[2];
};

// Appends what can be read; false at the end of the stream.
bool read_some(int descriptor, std::string& text) {
  std::array<char, 4096> bytes;
  const ssize_t count = read(descriptor, bytes.data(), bytes.size());
  if (count > 0) text.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

pid_t start(const std::vector<std::string>& arguments, const Pipe& out, const Pipe& err) {
  std::vector<char*> argv{const_cast<char*>(HEARSAY_BINARY)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(out.ends[1], STDOUT_FILENO);
    dup2(err.ends[1], STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out.ends[1]);
  close(err.ends[1]);
  return child;
}

using Clock = std::chrono::steady_clock;

/// How a program is disturbed.
struct Disturbance {
  std::string signal_at;  ///< Text on stderr; empty: never.
  int signal = SIGINT;
  Clock::time_point kill_at = Clock::time_point::max();
};

/// For poll(): -1 for ever.
int milliseconds_until(Clock::time_point time) {
  if (time == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now());
  return std::max(0, static_cast<int>(left.count()));
}

ProgramResult run(const std::vector<std::string>& arguments, Disturbance disturbance) {
  Pipe out;
  Pipe err;
  // The least there is: who waits for a text on it is never far behind the program.
  fcntl(err.ends[0], F_SETPIPE_SZ, 1);
  const pid_t child = start(arguments, out, err);
  ProgramResult result;
  std::array<pollfd, 2> streams{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    if (poll(streams.data(), streams.size(), milliseconds_until(disturbance.kill_at)) == 0) {
      kill(child, SIGKILL);
      disturbance.kill_at = Clock::time_point::max();
    }
    if (streams[0].revents != 0 && !read_some(out.ends[0], result.out)) streams[0].fd = -1;
    if (streams[1].revents != 0 && !read_some(err.ends[0], result.err)) streams[1].fd = -1;
    const std::string& text = disturbance.signal_at;
    if (!text.empty() && result.err.find(text) != std::string::npos) {
      kill(child, disturbance.signal);
      disturbance.signal_at.clear();
    }
  }
  close(out.ends[0]);
  close(err.ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace

ProgramResult run_hearsay(const std::vector<std::string>& arguments) { return run(arguments, {}); }

ProgramResult interrupt_hearsay(const std::vector<std::string>& arguments,
                                const std::string& text) {
  return run(arguments, {.signal_at = text});
}

ProgramResult kill_hearsay_at(const std::vector<std::string>& arguments, const std::string& text) {
  return run(arguments, {.signal_at = text, .signal = SIGKILL});
}

ProgramResult kill_hearsay(const std::vector<std::string>& arguments,
                           std::chrono::milliseconds after) {
  return run(arguments, {.signal_at = "", .kill_at = Clock::now() + after});
}

}  // namespace hearsay

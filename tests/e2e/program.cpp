#include "tests/e2e/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

ProgramResult run(const std::vector<std::string>& arguments, const std::string* trigger) {
  Pipe out;
  Pipe err;
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
  ProgramResult result;
  bool interrupted = trigger == nullptr;
  std::array<pollfd, 2> streams{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    poll(streams.data(), streams.size(), -1);
    if (streams[0].revents != 0 && !read_some(out.ends[0], result.out)) streams[0].fd = -1;
    if (streams[1].revents != 0 && !read_some(err.ends[0], result.err)) streams[1].fd = -1;
    if (!interrupted && result.err.find(*trigger) != std::string::npos) {
      kill(child, SIGINT);
      interrupted = true;
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

ProgramResult run_hearsay(const std::vector<std::string>& arguments) {
  return run(arguments, nullptr);
}

ProgramResult interrupt_hearsay(const std::vector<std::string>& arguments,
                                const std::string& text) {
  return run(arguments, &text);
}

}  // namespace hearsay

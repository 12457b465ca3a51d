#include "scenarios/forked_task.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <array>
#include <cerrno>
#include <utility>

namespace hearsay {
namespace {

/// Set by the signal handler of a copy.
std::atomic<bool> stop_requested{false};

void request_stop(int) { stop_requested.store(true); }

/// SIGINT and SIGTERM wait while there is such an object.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, &before_);
  }
  ~SignalsBlocked() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno != EINTR) return;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

ForkedTask::ForkedTask(const Work& work) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe to a new process");
  // What is still in the buffers would be written by both.
  std::fflush(nullptr);
  const pid_t parent = getpid();
  {
    const SignalsBlocked blocked;
    child_ = fork();
    if (child_ == 0) {
      die_with(parent);
      std::signal(SIGINT, request_stop);
      std::signal(SIGTERM, request_stop);
    }
  }
  if (child_ == 0) {
    write_all(ends[1], work(stop_requested));
    std::fflush(nullptr);
    _exit(0);
  }
  close(ends[1]);
  descriptor_ = ends[0];
  if (child_ < 0) {
    close(descriptor_);
    throw std::runtime_error(std::string("no new process: ") + std::strerror(errno));
  }
}

ForkedTask::ForkedTask(ForkedTask&& other) noexcept
    : child_(std::exchange(other.child_, -1)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      status_(other.status_),
      result_(std::move(other.result_)) {}

ForkedTask::~ForkedTask() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  if (descriptor_ >= 0) close(descriptor_);
}

void ForkedTask::ask_to_stop() const {
  if (child_ > 0) kill(child_, SIGTERM);
}

bool ForkedTask::has_ended() {
  if (child_ < 0) return true;
  std::array<char, 4096> bytes;
  const ssize_t count = read(descriptor_, bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return false;
  if (count > 0) {
    result_.append(bytes.data(), static_cast<std::size_t>(count));
    return false;
  }
  while (waitpid(child_, &status_, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return true;
}

std::string ForkedTask::death() const {
  if (WIFSIGNALED(status_)) {
    const int signal = WTERMSIG(status_);
    return "killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  const int code = WEXITSTATUS(status_);
  return code == 0 ? "" : "ended with exit code " + std::to_string(code);
}

}  // namespace hearsay

#include "scenarios/local_processes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace hearsay {
namespace {

constexpr int kSignalled = 128;

/// What a new process has for its standard streams.
class FileActions {
 public:
  /// `input`: descriptor; -1: inherited.
  FileActions(const std::string& log, int input) {
    posix_spawn_file_actions_init(&actions_);
    if (input >= 0) posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND,
                                     S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
  }
  ~FileActions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

[[noreturn]] void fail(const Launch& launch, int error) {
  throw std::runtime_error(launch.name + " cannot be started: " + std::strerror(error));
}

/// Both ends of a pipe that holds the text already: nobody waits for a program to read it.
std::array<int, 2> filled_pipe(const Launch& launch) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail(launch, errno);
  const std::string& text = *launch.input;
  const bool is_large_enough =
      fcntl(ends[1], F_SETPIPE_SZ, std::max(static_cast<int>(text.size()), 1)) >= std::ssize(text);
  if (!is_large_enough || write(ends[1], text.data(), text.size()) != std::ssize(text)) {
    const int error = is_large_enough ? errno : E2BIG;
    close(ends[0]);
    close(ends[1]);
    fail(launch, error);
  }
  return ends;
}

}  // namespace

LocalProcesses::Child LocalProcesses::spawn(const Launch& launch) {
  Child child{.launch = launch, .exit_code = std::nullopt};
  std::array<int, 2> pipe{-1, -1};
  if (launch.input) pipe = filled_pipe(launch);
  child.input = pipe[1];
  const FileActions actions(launch.log.string(), pipe[0]);
  std::vector<char*> arguments;
  for (const std::string& argument : launch.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const int error = posix_spawnp(&child.process, arguments[0], actions.get(), actions.attributes(),
                                 arguments.data(), environ);
  if (pipe[0] >= 0) close(pipe[0]);
  if (error == 0) return child;
  end_input(child);
  fail(launch, error);
}

void LocalProcesses::end_input(Child& child) {
  if (child.input >= 0) close(std::exchange(child.input, -1));
}

LocalProcesses::~LocalProcesses() {
  end_inputs();
  signal_all(SIGKILL);
  // A stopped process must go on to die.
  signal_all(SIGCONT);
  for (Child& child : children_) {
    if (!child.exit_code) waitpid(child.process, nullptr, 0);
  }
}

std::size_t LocalProcesses::start(const Launch& launch) {
  children_.push_back(spawn(launch));
  return children_.size() - 1;
}

void LocalProcesses::restart(std::size_t index, const Launch& launch) {
  end_input(children_[index]);
  children_[index] = spawn(launch);
}

std::optional<int> LocalProcesses::exit_code(std::size_t index) {
  Child& child = children_[index];
  int status = 0;
  if (!child.exit_code && waitpid(child.process, &status, WNOHANG) == child.process) {
    child.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  }
  return child.exit_code;
}

void LocalProcesses::kill(std::size_t index) {
  if (exit_code(index)) return;
  ::kill(children_[index].process, SIGKILL);
  int status = 0;
  while (waitpid(children_[index].process, &status, 0) < 0 && errno == EINTR) {
  }
  children_[index].exit_code = kSignalled + SIGKILL;
}

bool LocalProcesses::all_ended() {
  bool all = true;
  for (std::size_t i = 0; i < children_.size(); ++i) all = exit_code(i).has_value() && all;
  return all;
}

void LocalProcesses::signal_all(int signal) {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (!exit_code(i)) ::kill(children_[i].process, signal);
  }
}

void LocalProcesses::end_inputs() {
  for (Child& child : children_) end_input(child);
}

std::string exit_text(int exit_code) {
  if (exit_code <= kSignalled) return "exit code " + std::to_string(exit_code);
  const int signal = exit_code - kSignalled;
  const char* const name = strsignal(signal);
  return "killed by signal " + std::to_string(signal) + " (" + (name ? name : "unknown") + ")";
}

std::string last_line(const std::filesystem::path& log) {
  std::ifstream file(log);
  std::string last;
  for (std::string line; std::getline(file, line);) last = line;
  return last;
}

}  // namespace hearsay

#include "scenarios/local_processes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

extern char** environ;

namespace hearsay {
namespace {

constexpr int kSignalled = 128;

/// Standard output and error go to the end of a file.
class FileActions {
 public:
  explicit FileActions(const std::string& log) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
    posix_spawn_file_actions_adddup2(&actions_, 1, 2);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

pid_t spawn(const Launch& launch) {
  const FileActions actions(launch.log.string());
  std::vector<char*> arguments;
  for (const std::string& argument : launch.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int error =
      posix_spawnp(&child, arguments[0], actions.get(), nullptr, arguments.data(), environ);
  if (error != 0) {
    throw std::runtime_error(launch.name + " cannot be started: " + std::strerror(error));
  }
  return child;
}

}  // namespace

LocalProcesses::~LocalProcesses() {
  signal_all(SIGKILL);
  // A stopped process must go on to die.
  signal_all(SIGCONT);
  for (Child& child : children_) {
    if (!child.exit_code) waitpid(child.process, nullptr, 0);
  }
}

std::size_t LocalProcesses::start(const Launch& launch) {
  children_.push_back({.launch = launch, .process = spawn(launch), .exit_code = std::nullopt});
  return children_.size() - 1;
}

void LocalProcesses::restart(std::size_t index) {
  Child& child = children_[index];
  child.process = spawn(child.launch);
  child.exit_code.reset();
}

std::optional<int> LocalProcesses::exit_code(std::size_t index) {
  Child& child = children_[index];
  int status = 0;
  if (!child.exit_code && waitpid(child.process, &status, WNOHANG) == child.process) {
    child.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  }
  return child.exit_code;
}

bool LocalProcesses::all_ended() {
  bool all = true;
  for (std::size_t i = 0; i < children_.size(); ++i) all = exit_code(i).has_value() && all;
  return all;
}

void LocalProcesses::signal_all(int signal) {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (!exit_code(i)) kill(children_[i].process, signal);
  }
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

#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <string>

namespace hearsay {

/// Work in a forked copy of this process: it sees, without copying, what this process has in
/// memory, and what befalls it (it is killed, it runs out of memory) stays its own.
///
/// SIGINT and SIGTERM to the copy ask it to stop; they do not end it, so that an interrupt
/// from the terminal, which reaches both processes, is harmless. It dies with the thread
/// that made it. Not for concurrent use.
class ForkedTask {
 public:
  /// Does something until done or `stop`, and returns what is to be said about it.
  /// MUST NOT throw.
  using Work = std::function<std::string(const std::atomic<bool>& stop)>;

  /// Begins the work. REQUIRES: this process has no other thread, which would be missing in
  /// the copy. @throws std::runtime_error if the system refuses a process.
  explicit ForkedTask(const Work& work);

  ForkedTask(ForkedTask&& other) noexcept;
  ForkedTask& operator=(ForkedTask&&) = delete;

  /// Kills the copy if it still works.
  ~ForkedTask();

  void ask_to_stop() const;

  /// Becomes readable when there is news.
  int descriptor() const { return descriptor_; }

  /// Takes the news; true once the copy has ended. Waits if there is none.
  bool has_ended();

  /// What the work returned. REQUIRES, here and below: has_ended().
  const std::string& result() const { return result_; }

  /// "" if the work returned, else what ended the copy: "killed by signal 9 (Killed)".
  std::string death() const;

 private:
  pid_t child_ = -1;
  int descriptor_ = -1;
  int status_ = 0;
  std::string result_;
};

}  // namespace hearsay

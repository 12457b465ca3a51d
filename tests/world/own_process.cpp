#include "tests/world/own_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

#include "node/base/check.hpp"
#include "node/base/error.hpp"

namespace hearsay {
namespace {

enum ExitCode { kTimes = 0, kUserError = 1 };

void write_all(int file, const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(file, next, size);
    HEARSAY_CHECK(written > 0);
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

std::string read_all(int file) {
  std::string text;
  std::array<char, 4096> part{};
  ssize_t size = 0;
  while ((size = ::read(file, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  return text;
}

[[noreturn]] void answer(int file, const std::function<std::vector<SimTime>()>& measure) {
  ExitCode code = kTimes;
  try {
    const std::vector<SimTime> times = measure();
    write_all(file, times.data(), times.size() * sizeof(SimTime));
  } catch (const UserError& error) {
    write_all(file, error.what(), std::strlen(error.what()));
    code = kUserError;
  }
  ::_exit(code);
}

}  // namespace

std::vector<SimTime> in_own_process(const std::function<std::vector<SimTime>()>& measure) {
  std::array<int, 2> ends{};
  HEARSAY_CHECK(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  HEARSAY_CHECK(child >= 0);
  if (child == 0) answer(ends[1], measure);
  ::close(ends[1]);
  const std::string answer = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  HEARSAY_CHECK(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kUserError) throw UserError(answer);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != kTimes) {
    throw std::runtime_error("the child process ended with status " + std::to_string(status));
  }
  std::vector<SimTime> times(answer.size() / sizeof(SimTime));
  if (!times.empty()) std::memcpy(times.data(), answer.data(), answer.size());
  return times;
}

}  // namespace hearsay

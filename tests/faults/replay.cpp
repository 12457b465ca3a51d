#include "tests/faults/replay.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <system_error>

#include "scenarios/loader.hpp"

namespace hearsay {
namespace {

constexpr std::array<int, 3> kSignals = {SIGABRT, SIGSEGV, SIGALRM};

// For the handler, which may look at nothing that can move.
const std::string* current_instructions = nullptr;
std::array<struct sigaction, kSignals.size()> former_actions;

// What handled the signal before handles it now: when the handler returns, what caused it
// happens again, but for the alarm.
void print_instructions(int signal_number) {
  const std::string& text = *current_instructions;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &former_actions[i], nullptr);
  }
  if (signal_number == SIGALRM) ::raise(SIGALRM);
}

}  // namespace

Replay::Replay(std::uint64_t seed)
    : file_(std::filesystem::temp_directory_path() / ("hearsay-sweep-" + std::to_string(seed) +
                                                      "-" + std::to_string(::getpid()) + ".yaml")) {
  std::error_code ignored;
  instructions_ = "replay: HEARSAY_SWEEP_SEED=" + std::to_string(seed) + ' ' +
                  std::filesystem::read_symlink("/proc/self/exe", ignored).string() +
                  "\nscenario: " + file_.string() + "\n";
  current_instructions = &instructions_;
  struct sigaction action = {};
  action.sa_handler = print_instructions;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &action, &former_actions[i]);
  }
  ::alarm(kLongestSeconds);
}

Scenario Replay::written(Scenario scenario) const {
  std::ofstream(file_) << resolved_yaml(scenario);
  return scenario;
}

Replay::~Replay() {
  ::alarm(0);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &former_actions[i], nullptr);
  }
  current_instructions = nullptr;
  std::error_code ignored;
  if (!keeps_file_) std::filesystem::remove(file_, ignored);
}

}  // namespace hearsay

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "scenarios/scenario.hpp"

namespace hearsay {

/// Sees to it that a seed that fails can be run again, however it fails: while it lives, the
/// scenario lies in a file, and a check that fails, a crash of the process or a run of more
/// than kLongestSeconds prints how to replay it. One at a time.
class Replay {
 public:
  static constexpr unsigned kLongestSeconds = 30;

  explicit Replay(std::uint64_t seed);
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;
  ~Replay();

  /// Writes the scenario's file, and returns the scenario.
  Scenario written(Scenario scenario) const;

  /// The command that runs this seed alone, and where the scenario lies.
  const std::string& instructions() const { return instructions_; }

  /// Leaves the scenario's file where it is.
  void keep_file() { keeps_file_ = true; }

 private:
  std::filesystem::path file_;
  std::string instructions_;
  bool keeps_file_ = false;
};

}  // namespace hearsay

// Runs that are killed at random moments, and resumed until they end.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "node/base/rng.hpp"
#include "tests/e2e/cut_runs.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

/// How often each scenario is run; HEARSAY_KILL_TRIES=50 makes 200 in all.
int tries() {
  const char* const text = std::getenv("HEARSAY_KILL_TRIES");
  return text == nullptr ? 3 : std::atoi(text);
}

constexpr int kKilled = 128 + 9;

class KilledRun : public testing::TestWithParam<CutScenario> {
 protected:
  void SetUp() override {
    std::ofstream(scenario_) << GetParam().yaml << "checkpoint: {every_rounds: 1}\n";
    const auto begin = std::chrono::steady_clock::now();
    const ProgramResult result = run_hearsay({"run", scenario_, "--out", straight_});
    duration_ = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  /// Starts or resumes the run in killed_ in a random way, kills it at a random moment of
  /// the time that a straight run took, and so on, at most three times.
  void run_with_kills(Rng rng) {
    fs::remove_all(killed_);
    for (int kills_left = 3; !is_done(); --kills_left) {
      const std::vector<std::string> arguments = next_arguments(rng);
      const auto after =
          std::chrono::duration_cast<std::chrono::milliseconds>(rng.uniform() * duration_);
      const ProgramResult result =
          kills_left > 0 ? kill_hearsay(arguments, after) : run_hearsay(arguments);
      const bool began_again = result.err.find("begins again") != std::string::npos;
      if (arguments[0] == "resume" && !began_again) ++resumed_;
      if (result.exit_code == 0) return;
      ASSERT_EQ(result.exit_code, kKilled) << result.err;
      ASSERT_GT(kills_left, 0);
      ++kills_;
    }
  }

  const TemporaryDirectory temporary_;
  const std::string scenario_ = temporary_.path() / "scenario.yaml";
  const std::string straight_ = temporary_.path() / "straight";
  const std::string killed_ = temporary_.path() / "killed";
  std::chrono::duration<double> duration_{};
  int kills_ = 0;
  int resumed_ = 0;  ///< From a checkpoint.

 private:
  bool is_done() const { return fs::exists(fs::path(killed_) / "summary.json"); }

  std::vector<std::string> next_arguments(Rng& rng) const {
    static const std::vector<std::string> kTransports{"inproc", "ipc", "tcp"};
    const auto way = ways(std::to_string(1 + rng.below(3)), kTransports[rng.below(3)]);
    if (fs::exists(fs::path(killed_) / "scenario.yaml")) return joined({"resume", killed_}, way);
    fs::remove_all(killed_);
    return joined({"run", scenario_, "--out", killed_}, way);
  }
};

TEST_P(KilledRun, EndsLikeTheStraightOneOnceResumed) {
  for (int i = 0; i < tries() && !HasFailure(); ++i) {
    SCOPED_TRACE("try " + std::to_string(i));
    ASSERT_NO_FATAL_FAILURE(
        run_with_kills(Rng(8).split(GetParam().name, static_cast<std::uint64_t>(i))));
    expect_same_results(killed_, straight_);
  }
  EXPECT_GT(kills_, 0);
  RecordProperty("kills", kills_);
  RecordProperty("resumed", resumed_);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, KilledRun, testing::ValuesIn(cut_scenarios()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace hearsay

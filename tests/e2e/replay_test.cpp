// Runs again what has been run, and finds where runs begin to differ.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

class ReplayCommand : public testing::Test {
 protected:
  /// 6 peers on a ring: 6 starts, then per round 6 trainings, 12 messages, 6 aggregations.
  fs::path run(const std::string& name, const std::vector<std::string>& more = {}) const {
    const fs::path scenario = temporary_.path() / "scenario.yaml";
    std::ofstream(scenario) << "name: q\npeers: 6\ntopology: {kind: ring}\n"
                               "model: {kind: mlp, hidden: [4]}\n"
                               "data: {kind: gaussian_mixture, partition: {kind: iid}}\n"
                               "protocol: {kind: dpsgd, rounds: 5}\n"
                               "compute: {kind: lognormal, step_time: 2ms, sigma: 0.5}\n"
                               "evaluation: {every_rounds: 5, samples: 100}\n";
    const fs::path path = temporary_.path() / name;
    std::vector<std::string> arguments{"run", scenario, "--out", path, "--no-report"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(run_hearsay(arguments).exit_code, 0);
    return path;
  }

  /// Gives the nth event of a run (1: the first) another digest.
  static void alter(const fs::path& run, int nth) {
    std::string text = contents(run / "trace.csv");
    std::size_t end = text.find('\n');
    for (int row = 0; row < nth; ++row) end = text.find('\n', end + 1);
    text[end - 1] = text[end - 1] == '0' ? '1' : '0';
    std::ofstream(run / "trace.csv") << text;
  }

  static std::string line_of(const fs::path& run, int nth) {
    std::ifstream file(run / "trace.csv");
    std::string line;
    for (int row = 0; row <= nth; ++row) std::getline(file, line);
    return line;
  }

  const TemporaryDirectory temporary_;
};

TEST_F(ReplayCommand, AgreesWithTheRunWithAnyNumberOfWorkers) {
  const fs::path path = run("run", {"--workers", "2"});
  const ProgramResult result = run_hearsay({"replay", path, "--workers", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.out.find("the runs agree\n"), 0U) << result.out;
}

TEST_F(ReplayCommand, NamesTheFirstEventAndItsPeer) {
  const fs::path path = run("run");
  constexpr int kAltered = 20;
  const std::string line = line_of(path, kAltered);
  const std::string time = line.substr(0, line.find(','));
  alter(path, kAltered);
  alter(path, kAltered + 7);
  const ProgramResult result = run_hearsay({"replay", path});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.out.find("the runs differ"), std::string::npos);
  EXPECT_NE(result.out.find("(" + time + " s): what it brought\n"), std::string::npos)
      << line << "\n"
      << result.out;
}

TEST_F(ReplayCommand, ComparesTwoRuns) {
  const fs::path one = run("one");
  const fs::path same = run("same");
  EXPECT_EQ(run_hearsay({"replay", one, same}).exit_code, 0);
  // Other batches: the first training is the first to differ, and nothing before it.
  const fs::path other = run("other", {"-c", "seeds.training=7"});
  const ProgramResult result = run_hearsay({"replay", one, other});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.out.find(" trained at "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("scenario_digest: "), std::string::npos) << result.out;
}

TEST_F(ReplayCommand, TakesARunThatWasBrokenOffAsFarAsItCame) {
  const fs::path path = run("run");
  fs::remove(path / "summary.json");
  const std::string text = contents(path / "trace.csv");
  std::ofstream(path / "trace.csv") << text.substr(0, text.find('\n', text.size() / 2) + 1);
  const ProgramResult result = run_hearsay({"replay", path});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("as far as the first one came"), std::string::npos);
}

TEST_F(ReplayCommand, KeepsTheNewRunWhereAskedButNotOverTheOldOne) {
  const fs::path path = run("run");
  const fs::path kept = temporary_.path() / "kept";
  EXPECT_EQ(run_hearsay({"replay", path, "--out", kept}).exit_code, 0);
  EXPECT_EQ(contents(kept / "trace.csv"), contents(path / "trace.csv"));
  EXPECT_EQ(run_hearsay({"replay", path, "--out", path}).exit_code, 2);
  EXPECT_TRUE(fs::exists(path / "summary.json"));
}

TEST_F(ReplayCommand, RefusesWhatIsNoRun) {
  const ProgramResult result = run_hearsay({"replay", temporary_.path()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            "error: " + temporary_.path().string() + ": holds no run (no manifest.json)\n");
}

}  // namespace
}  // namespace hearsay

// `hearsay resume`: an interrupted run goes on as if nothing had happened, or says why not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/cut_runs.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

class Resume : public testing::Test {
 protected:
  const TemporaryDirectory temporary_;
  const CutScenario& small_ = cut_scenarios()[1];
  const std::string straight_ = temporary_.path() / "straight";
  const std::string cut_ = temporary_.path() / "cut";

  std::string write(const CutScenario& scenario) const {
    const fs::path path = temporary_.path() / "scenario.yaml";
    std::ofstream(path) << scenario.yaml;
    return path;
  }

  /// A run in cut_ that Ctrl-C has ended.
  void interrupt(const CutScenario& scenario, const std::vector<std::string>& more) const {
    const auto arguments = joined({"run", write(scenario), "--out", cut_}, more);
    const ProgramResult result = interrupt_hearsay(arguments, scenario.middle);
    ASSERT_EQ(result.exit_code, 130) << result.err;
    EXPECT_NE(result.err.find("hearsay resume " + cut_), std::string::npos) << result.err;
  }

  /// The same, from the second scenario, with checkpoints on the way.
  void interrupt_with_checkpoints(const std::vector<std::string>& more = {}) const {
    interrupt(small_, joined({"-c", "checkpoint={every_rounds: 1}"}, more));
    ASSERT_EQ(checkpoints().size(), 2U);
  }

  /// The files, oldest first.
  std::vector<fs::path> checkpoints() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(cut_) / "checkpoints")) {
      files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
  }

  static void tear(const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }

  /// Resumes and compares with a straight run; returns what was printed on stderr.
  std::string expect_straight_end() const {
    const ProgramResult resumed = run_hearsay({"resume", cut_});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    const ProgramResult straight = run_hearsay(
        {"run", write(small_), "--out", straight_, "-c", "checkpoint={every_rounds: 1}"});
    EXPECT_EQ(straight.exit_code, 0) << straight.err;
    expect_same_results(cut_, straight_);
    return resumed.err;
  }

  /// What resuming is refused with.
  std::string refusal(const std::vector<std::string>& more = {}) const {
    const ProgramResult result = run_hearsay(joined({"resume", cut_}, more));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
    EXPECT_TRUE(result.err.starts_with("error: ")) << result.err;
    EXPECT_EQ(result.out, "");
    return result.err;
  }
};

class ResumeEvery : public Resume, public testing::WithParamInterface<CutScenario> {};

TEST_P(ResumeEvery, AfterCtrlCEndsLikeTheStraightRun) {
  ASSERT_NO_FATAL_FAILURE(interrupt(GetParam(), ways("2", "ipc")));
  const ProgramResult resumed = run_hearsay(joined({"resume", cut_}, ways("1", "inproc")));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(resumed.err.find("warning"), std::string::npos) << resumed.err;
  const ProgramResult straight =
      run_hearsay(joined({"run", write(GetParam()), "--out", straight_}, ways("3", "tcp")));
  ASSERT_EQ(straight.exit_code, 0) << straight.err;
  expect_same_results(cut_, straight_);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ResumeEvery, testing::ValuesIn(cut_scenarios()),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(Resume, CanBeInterruptedItself) {
  ASSERT_NO_FATAL_FAILURE(interrupt_with_checkpoints());
  const ProgramResult result = interrupt_hearsay({"resume", cut_}, "round 40,");
  ASSERT_EQ(result.exit_code, 130) << result.err;
  expect_straight_end();
}

TEST_F(Resume, GoesBackToThePreviousCheckpointIfTheNewestIsTorn) {
  ASSERT_NO_FATAL_FAILURE(interrupt_with_checkpoints());
  const fs::path newest = checkpoints().back();
  tear(newest);
  const std::string warnings = expect_straight_end();
  EXPECT_TRUE(warnings.starts_with("warning: refused checkpoints/" + newest.filename().string() +
                                   ": cut short"))
      << warnings;
  EXPECT_EQ(warnings.find("warning", 1), std::string::npos) << warnings;
}

// As after a loss of power, if the rows had not been brought to the disk.
TEST_F(Resume, GoesBackToACheckpointThatCountsNoMoreRowsThanThereAre) {
  // Of 100 rounds, so that checkpoints are made after 40 and 80.
  const std::string every = "checkpoint={every_rounds: 40}";
  for (const std::string& out : {straight_, cut_}) {
    const ProgramResult result = run_hearsay({"run", write(small_), "--out", out, "-c", every});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  fs::remove(fs::path(cut_) / "summary.json");
  const fs::path rows = fs::path(cut_) / "peers.csv";
  const std::string newest = checkpoints().back().filename().string();
  fs::resize_file(rows, fs::file_size(rows) * 6 / 10);
  const ProgramResult resumed = run_hearsay({"resume", cut_});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(resumed.err.starts_with("warning: refused checkpoints/" + newest + ": " +
                                      rows.string() + " cannot be resumed: it holds "))
      << resumed.err;
  EXPECT_EQ(resumed.err.find("warning", 1), std::string::npos) << resumed.err;
  expect_same_results(cut_, straight_);
}

TEST_F(Resume, RefusesInputFilesThatHaveChanged) {
  const fs::path file = temporary_.path() / "latencies.csv";
  std::string matrix;
  for (int row = 0; row < 12; ++row) matrix += "5,5,5,5,5,5,5,5,5,5,5,5\n";
  std::ofstream(file) << matrix;
  ASSERT_NO_FATAL_FAILURE(interrupt_with_checkpoints(
      {"-c", "network={kind: links, latency_matrix: " + file.string() + "}"}));
  std::ofstream(file) << matrix << "# The same latencies, another file.\n";
  const std::string message = refusal();
  EXPECT_NE(message.find(": made with input files " + file.string() + " "), std::string::npos)
      << message;
  std::ofstream(file) << matrix;
  EXPECT_EQ(run_hearsay({"resume", cut_}).exit_code, 0);
}

TEST_F(Resume, BeginsAgainIfAllCheckpointsAreTorn) {
  ASSERT_NO_FATAL_FAILURE(interrupt_with_checkpoints());
  for (const fs::path& file : checkpoints()) tear(file);
  const std::string warnings = expect_straight_end();
  EXPECT_NE(warnings.find("warning: no checkpoint in " + cut_ + "; the run begins again\n"),
            std::string::npos)
      << warnings;
}

TEST_F(Resume, RefusesAnotherScenario) {
  ASSERT_NO_FATAL_FAILURE(interrupt_with_checkpoints());
  const fs::path path = fs::path(cut_) / "scenario.yaml";
  std::string text = content_of(path);
  const std::size_t at = text.find("lr: 0.1");
  ASSERT_NE(at, std::string::npos);
  std::ofstream(path) << text.replace(at, 7, "lr: 0.2");
  EXPECT_NE(refusal().find("made for scenario"), std::string::npos);
  EXPECT_EQ(checkpoints().size(), 2U);
}

TEST_F(Resume, RefusesARunThatHasEnded) {
  const ProgramResult result =
      run_hearsay({"run", write(small_), "--out", cut_, "-c", "protocol.rounds=3"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::map<std::string, std::string> results = results_of(cut_);
  EXPECT_EQ(refusal(), "error: " + cut_ + ": the run has ended (done); nothing to resume\n");
  EXPECT_EQ(results_of(cut_), results);
}

TEST_F(Resume, RefusesADirectoryWithoutARun) {
  const std::string message = "error: " + cut_ + ": no run is there (no manifest.json)\n";
  EXPECT_EQ(refusal(), message);
  fs::create_directory(cut_);
  EXPECT_EQ(refusal(), message);
  EXPECT_TRUE(fs::is_empty(cut_));
}

TEST_F(Resume, RefusesOtherKernelsAndNamesBothSets) {
  // The oldest kernels, which no other choice comes to, whatever the processor.
  ::setenv("HEARSAY_FUSED_ISA", "x86-64", 1);
  interrupt_with_checkpoints();
  ::unsetenv("HEARSAY_FUSED_ISA");
  ASSERT_FALSE(HasFatalFailure());
  const std::string message = refusal({"--portable-kernels"});
  EXPECT_NE(message.find("fused x86-64,"), std::string::npos) << message;
  EXPECT_NE(message.find("fused x86-64-v3,"), std::string::npos) << message;
}

TEST_F(Resume, IsAnnouncedWithTheKernelsThatItNeeds) {
  const ProgramResult result =
      interrupt_hearsay({"run", write(small_), "--out", cut_, "--portable-kernels"}, small_.middle);
  ASSERT_EQ(result.exit_code, 130) << result.err;
  EXPECT_NE(result.err.find("hearsay resume " + cut_ + " --portable-kernels\n"), std::string::npos)
      << result.err;
  EXPECT_EQ(run_hearsay({"resume", cut_, "--portable-kernels"}).exit_code, 0);
}

TEST_F(Resume, GoesOnFromACheckpointByVirtualTime) {
  const std::string every = "checkpoint={every: 700ms}";
  for (const std::string& out : {straight_, cut_}) {
    const ProgramResult result = run_hearsay({"run", write(small_), "--out", out, "-c", every});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  EXPECT_EQ(checkpoints().size(), 2U);
  fs::remove(fs::path(cut_) / "summary.json");  // As if it had been killed before its end.
  const ProgramResult resumed = run_hearsay({"resume", cut_});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(resumed.err.find("warning"), std::string::npos) << resumed.err;
  expect_same_results(cut_, straight_);
}

TEST_F(Resume, HasNoOptionForAnotherPlace) {
  EXPECT_NE(refusal({"--out", straight_}).find("--out"), std::string::npos);
}

}  // namespace
}  // namespace hearsay

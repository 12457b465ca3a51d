// Sweeps: grids of runs that are interrupted, killed and resumed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/cut_runs.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using Arguments = std::vector<std::string>;

constexpr const char* kBase = R"(name: corners
peers: 16
topology: {kind: ring}
model: {kind: quadratic, dimension: 8}
training: {optimizer: {kind: sgd, lr: 0.1}, local_steps: 1}
protocol: {kind: dpsgd, rounds: 40}
evaluation: {every_rounds: 10}
)";

constexpr const char* kGrid =
    "sweep: {topology.kind: [ring, complete], training.optimizer.lr: [0.1, 0.05, 0.02], "
    "seed: [1, 2]}\n";

/// sweep.csv without its last column, the wall time.
std::string table_of(const fs::path& out) {
  std::istringstream lines(content_of(out / "sweep.csv"));
  std::string text;
  for (std::string line; std::getline(lines, line);) text += line.substr(0, line.rfind(',')) + "\n";
  return text;
}

class SweepCommand : public testing::Test {
 protected:
  void write_scenario(const std::string& sweep) const {
    std::ofstream(scenario_) << kBase << sweep;
  }

  ProgramResult sweep(const fs::path& out, const Arguments& more = {}) const {
    return run_hearsay(arguments(out, more));
  }

  Arguments arguments(const fs::path& out, const Arguments& more = {}) const {
    return joined({"sweep", scenario_, "--out", out}, more);
  }

  /// The files of the runs that are done, with their contents and the times of their writing.
  static std::map<fs::path, std::pair<fs::file_time_type, std::string>> done_runs(
      const fs::path& out) {
    std::map<fs::path, std::pair<fs::file_time_type, std::string>> files;
    for (const auto& run : fs::directory_iterator(out)) {
      if (content_of(run.path() / "summary.json").find("\"done\"") == std::string::npos) continue;
      for (const auto& file : fs::recursive_directory_iterator(run.path())) {
        if (!file.is_regular_file()) continue;
        files[file.path()] = {file.last_write_time(), content_of(file.path())};
      }
    }
    return files;
  }

  static std::size_t num_runs(
      const std::map<fs::path, std::pair<fs::file_time_type, std::string>>& files) {
    return static_cast<std::size_t>(std::ranges::count_if(
        files, [](const auto& file) { return file.first.filename() == "summary.json"; }));
  }

  const TemporaryDirectory temporary_;
  const std::string scenario_ = temporary_.path() / "scenario.yaml";
  const fs::path out_ = temporary_.path() / "out";
  const fs::path other_ = temporary_.path() / "other";
};

TEST_F(SweepCommand, RunsEveryPointAsRunDoes) {
  write_scenario(kGrid);
  const ProgramResult result = sweep(out_);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("12 runs: 12 done, 0 stalled, 0 failed"));
  EXPECT_THAT(result.err, HasSubstr("12/12 ended, 0 failed"));
  const ProgramResult alone =
      run_hearsay({"run", scenario_, "-c", "sweep=", "-c", "topology.kind=complete", "-c",
                   "training.optimizer.lr=0.05", "-c", "seed=2", "--out", other_});
  ASSERT_EQ(alone.exit_code, 0) << alone.err;
  expect_same_results(out_ / "topology.kind=complete,training.optimizer.lr=0.05,seed=2", other_);
  EXPECT_THAT(content_of(out_ / "table.md"), HasSubstr("12 of 12 runs are done"));
  // Without gnuplot there is a warning instead.
  EXPECT_NE(fs::exists(out_ / "heatmap_topology.kind_training.optimizer.lr.svg"),
            result.err.find("gnuplot") != std::string::npos);
}

TEST_F(SweepCommand, TheNumberOfJobsChangesNoResult) {
  write_scenario(kGrid);
  ASSERT_EQ(sweep(out_, {"--jobs", "1"}).exit_code, 0);
  ASSERT_EQ(sweep(other_, {"--jobs", "3", "--workers", "4"}).exit_code, 0);
  EXPECT_EQ(table_of(out_), table_of(other_));
  EXPECT_EQ(content_of(out_ / "table.md"), content_of(other_ / "table.md"));
}

TEST_F(SweepCommand, KilledHalfWayGoesOnWithoutRepeatingRuns) {
  write_scenario(kGrid);
  ASSERT_EQ(sweep(other_).exit_code, 0);
  const ProgramResult killed = kill_hearsay_at(arguments(out_, {"--jobs", "2"}), "6/12 ended");
  ASSERT_EQ(killed.exit_code, 128 + 9) << killed.err;
  EXPECT_FALSE(fs::exists(out_ / "sweep.csv"));
  const auto before = done_runs(out_);
  ASSERT_GE(num_runs(before), 6U);
  const ProgramResult resumed = sweep(out_, {"--resume"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.out,
              HasSubstr("; " + std::to_string(num_runs(before)) + " had ended before"));
  const auto after = done_runs(out_);
  EXPECT_EQ(num_runs(after), 12U);
  for (const auto& [path, file] : before) EXPECT_EQ(after.at(path), file) << path;
  EXPECT_EQ(table_of(out_), table_of(other_));
}

TEST_F(SweepCommand, InterruptedSavesTheRunUnderWayAndGoesOn) {
  // Both are begun at once; the second is under way when the first has ended.
  write_scenario("sweep: {protocol.rounds: [10, 40000]}\n");
  const Arguments more = {"--jobs", "2", "-c", "evaluation.every_rounds=1000"};
  ASSERT_EQ(sweep(other_, more).exit_code, 0);
  const ProgramResult interrupted = interrupt_hearsay(arguments(out_, more), "1/2 ended");
  EXPECT_EQ(interrupted.exit_code, 130) << interrupted.err;
  EXPECT_THAT(interrupted.err, HasSubstr("--resume"));
  EXPECT_THAT(content_of(out_ / "sweep.csv"), HasSubstr(",interrupted,"));
  EXPECT_TRUE(fs::exists(out_ / "protocol.rounds=40000" / "checkpoints"));
  EXPECT_THAT(sweep(out_, more).err, HasSubstr("is not empty; go on with --resume"));
  const ProgramResult resumed = sweep(out_, joined(more, {"--resume"}));
  EXPECT_EQ(resumed.exit_code, 0);
  EXPECT_EQ(resumed.err.find("begins again"), std::string::npos) << resumed.err;
  EXPECT_EQ(table_of(out_), table_of(other_));
}

TEST_F(SweepCommand, ARunThatFailsDoesNotStopTheOthers) {
  write_scenario("sweep: {topology: [{kind: erdos_renyi, probability: 1%}, {kind: ring}]}\n");
  const ProgramResult result = sweep(out_);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("2 runs: 1 done, 0 stalled, 1 failed"));
  EXPECT_THAT(result.err, HasSubstr("failed: topology=kind-erdos_renyi-probability-1%: "));
  EXPECT_THAT(content_of(out_ / "sweep.csv"), HasSubstr(",failed,"));
  EXPECT_THAT(content_of(out_ / "table.md"), HasSubstr("1 of 2 runs are done"));
  // It is tried again; the other is not.
  EXPECT_THAT(sweep(out_, {"--resume"}).out,
              HasSubstr("1 failed, 0 not finished; 1 had ended before"));
}

TEST_F(SweepCommand, ARunThatStallsIsReportedApart) {
  write_scenario("sweep: {faults: [[], [{at: 100ms, crash: [3]}]]}\n");
  const ProgramResult result = sweep(out_);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("stalled: "));
  // It would stall again.
  EXPECT_THAT(sweep(out_, {"--resume"}).out, HasSubstr("2 had ended before"));
}

TEST_F(SweepCommand, ChecksEveryPointBeforeItRunsAny) {
  write_scenario("sweep: {topology.kind: [ring, rin], protocol.rounds: [10, 0x]}\n");
  const ProgramResult result = sweep(out_);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("did you mean ring?"));
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_EQ(run_hearsay({"validate", scenario_}).exit_code, 2);
}

TEST_F(SweepCommand, FindsMissingDataBeforeItRunsAny) {
  write_scenario("sweep: {seed: [1, 2]}\n");
  const ProgramResult result =
      sweep(out_, {"-c", "model={kind: logistic}", "-c", "data={kind: idx, path: /nowhere}"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("/nowhere"));
}

TEST_F(SweepCommand, LeavesDirectoriesAloneThatAreNotItsOwn) {
  write_scenario("sweep: {seed: [1, 2]}\n");
  ASSERT_EQ(sweep(out_).exit_code, 0);
  EXPECT_EQ(sweep(out_).exit_code, 2);
  const ProgramResult changed = sweep(out_, {"--resume", "-c", "protocol.rounds=20"});
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_THAT(changed.err, HasSubstr("holds a run of another scenario"));
  // More seeds are another sweep, but of the same runs.
  const ProgramResult more = sweep(out_, {"--resume", "-c", "sweep.seed=[1, 2, 3]"});
  EXPECT_EQ(more.exit_code, 0) << more.err;
  EXPECT_THAT(more.out, HasSubstr("2 had ended before"));
}

TEST_F(SweepCommand, IsNotForRun) {
  write_scenario(kGrid);
  const ProgramResult result = run_hearsay({"run", scenario_, "--out", out_});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("run all with `hearsay sweep`"));
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1);
  const ProgramResult valid = run_hearsay({"validate", scenario_});
  EXPECT_EQ(valid.exit_code, 0);
  EXPECT_THAT(valid.out, HasSubstr("valid (a sweep of 12 runs)"));
}

}  // namespace
}  // namespace hearsay

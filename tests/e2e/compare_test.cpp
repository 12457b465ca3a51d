// `hearsay compare` on what `hearsay sweep` and `hearsay run` leave.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
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

constexpr const char* kScenario = R"(name: corners
peers: 16
topology: {kind: ring}
model: {kind: quadratic, dimension: 8}
training: {optimizer: {kind: sgd, lr: 0.1}, local_steps: 1}
protocol: {kind: dpsgd, rounds: 40}
evaluation: {every_rounds: 10}
sweep: {topology.kind: [ring, complete], seed: [1, 2, 3, 4, 5]}
)";

class CompareCommand : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(scenario_) << kScenario;
    const ProgramResult result = run_hearsay({"sweep", scenario_, "--out", out_});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  ProgramResult compare(const std::vector<std::string>& more) const {
    return run_hearsay(joined({"compare", out_}, more));
  }

  std::string run_path(const std::string& kind, int seed) const {
    return out_ + "/topology.kind=" + kind + ",seed=" + std::to_string(seed);
  }

  /// Expects one line on standard error that has `text` in it, and exit code 2.
  static void expect_error(const ProgramResult& result, const std::string& text) {
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr(text));
    EXPECT_EQ(result.out, "");
  }

  const TemporaryDirectory temporary_;
  const std::string scenario_ = temporary_.path() / "scenario.yaml";
  const std::string out_ = temporary_.path() / "out";
};

TEST_F(CompareCommand, ComparesTheMethodsOfASweep) {
  const ProgramResult result = compare({});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("topology.kind=complete"));
  EXPECT_THAT(result.out, HasSubstr("loss_mean"));
  EXPECT_THAT(result.out, HasSubstr("seed=1; seed=2; seed=3; seed=4; seed=5"));
}

TEST_F(CompareCommand, HasTheNumbersOfTheRuns) {
  const ProgramResult result = compare({"--format", "json", "--baseline", "topology.kind=ring"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  for (const auto& method : json["methods"]) {
    const std::string kind = method["method"].get<std::string>().substr(14);
    for (int seed = 1; seed <= 5; ++seed) {
      const auto summary =
          nlohmann::json::parse(content_of(fs::path(run_path(kind, seed)) / "summary.json"));
      EXPECT_EQ(method["values"][seed - 1], summary["final"]["loss_mean"]);
    }
    EXPECT_EQ(method["baseline"], kind == "ring");
  }
}

TEST_F(CompareCommand, ComparesSingleRunsAtEqualCost) {
  const std::vector<std::string> runs = {"compare", run_path("ring", 1), run_path("complete", 1)};
  const auto mean_at = [&](const std::string& limit) {
    const ProgramResult result =
        run_hearsay(joined(runs, {"--format", "json", "--metric", "round", "--at", limit}));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out)["methods"][1]["mean"].get<double>();
  };
  EXPECT_EQ(mean_at("round=29"), 20);
  EXPECT_EQ(mean_at("time=1h"), 40);
  // A ring of 16 sends 32 messages a round, the complete graph 240.
  EXPECT_EQ(mean_at("bytes=1GB"), 40);
}

TEST_F(CompareCommand, WritesCsv) {
  const std::string file = temporary_.path() / "table.csv";
  ASSERT_EQ(compare({"--csv", file}).exit_code, 0);
  const std::string text = content_of(file);
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
  EXPECT_TRUE(text.starts_with("method,metric,n,mean"));
}

TEST_F(CompareCommand, OverlaysTheMethodsInPictures) {
  const std::filesystem::path figures = temporary_.path() / "figures";
  const ProgramResult result = compare({"--figures", figures});
  if (result.err.find("gnuplot is not installed") != std::string::npos) {
    GTEST_SKIP() << "gnuplot is not installed";
  }
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* const file : {"loss_mean_over_rounds.svg", "loss_mean_over_time.pdf"}) {
    EXPECT_GT(std::filesystem::file_size(figures / file), 1000U) << file;
  }
  EXPECT_NE(content_of(figures / "loss_mean_over_bytes.svg").find("topology.kind=ring"),
            std::string::npos);
}

TEST_F(CompareCommand, LeavesUnfinishedRunsOutByName) {
  fs::remove(run_path("ring", 2) + "/summary.json");
  const ProgramResult result = compare({});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("seed=2 left out: it has not ended"));
  EXPECT_THAT(result.out, HasSubstr("n = 4"));
}

TEST_F(CompareCommand, RefusesWhatIsNoRunInOneLine) {
  expect_error(run_hearsay({"compare", temporary_.path() / "nowhere"}), "nowhere: cannot be read");
  fs::create_directory(temporary_.path() / "empty");
  expect_error(run_hearsay({"compare", temporary_.path() / "empty"}), "empty: holds no run");
  std::ofstream(run_path("ring", 1) + "/metrics.csv") << "round,time_s\n";
  expect_error(compare({}), "metrics.csv: has no column bytes_sent");
}

TEST_F(CompareCommand, RefusesWrongOptionsInOneLine) {
  expect_error(compare({"--metric", "acuracy"}), "--metric acuracy: no column");
  expect_error(compare({"--at", "rounds=3"}), "--at rounds=3: expected round=N, time=T or bytes=B");
  expect_error(compare({"--at", "time=3"}), "--at time=3: ");
  expect_error(compare({"--at", "bytes=3s"}), "--at bytes=3s: expected bytes like");
  expect_error(compare({"--by", "peers"}), "--by peers: the runs do not differ in it");
}

}  // namespace
}  // namespace hearsay

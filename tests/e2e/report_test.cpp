// Reports of runs, and directories that hold none.

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

class ReportCommand : public testing::Test {
 protected:
  ProgramResult run_quadratic(const std::vector<std::string>& more = {}) const {
    const fs::path scenario = temporary_.path() / "scenario.yaml";
    std::ofstream(scenario) << "name: q\npeers: 8\ntopology: {kind: ring}\n"
                               "model: {kind: quadratic}\nprotocol: {kind: dpsgd, rounds: 4}\n"
                               "evaluation: {every_rounds: 1}\n";
    std::vector<std::string> arguments{"run", scenario, "--out", run_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_hearsay(arguments);
  }

  const TemporaryDirectory temporary_;
  const fs::path run_ = temporary_.path() / "run";
};

TEST_F(ReportCommand, RunEndsWithItsReport) {
  const ProgramResult result = run_quadratic();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("report        " + (run_ / "report.html").string() + "\n"),
            std::string::npos)
      << result.out;
  const std::string page = contents(run_ / "report.html");
  EXPECT_NE(page.find("<title>q - Hearsay</title>"), std::string::npos);
  EXPECT_NE(page.find("\"ends\":[0,1,0,7,1,2,"), std::string::npos);
}

TEST_F(ReportCommand, RunWritesNoneIfToldSo) {
  const ProgramResult result = run_quadratic({"--no-report"});
  EXPECT_EQ(result.out.find("report"), std::string::npos) << result.out;
  EXPECT_FALSE(fs::exists(run_ / "report.html"));
}

TEST_F(ReportCommand, WritesTheSamePageAgainWhereAsked) {
  ASSERT_EQ(run_quadratic().exit_code, 0);
  const fs::path page = temporary_.path() / "page.html";
  const ProgramResult result = run_hearsay({"report", run_, "--out", page});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(contents(page), contents(run_ / "report.html"));
}

TEST_F(ReportCommand, ShowsARunThatHasNoEndYet) {
  ASSERT_EQ(run_quadratic().exit_code, 0);
  fs::remove(run_ / "summary.json");
  EXPECT_EQ(run_hearsay({"report", run_}).exit_code, 0);
  EXPECT_NE(contents(run_ / "report.html").find("\"summary\":\"\""), std::string::npos);
}

TEST_F(ReportCommand, DrawsFiguresForPapers) {
  ASSERT_EQ(run_quadratic().exit_code, 0);
  const fs::path figures = temporary_.path() / "figures";
  const ProgramResult result = run_hearsay({"report", run_, "--figures", figures});
  if (result.err.find("gnuplot is not installed") != std::string::npos) {
    GTEST_SKIP() << "gnuplot is not installed";
  }
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contents(figures / "loss_over_time.pdf").starts_with("%PDF"));
  EXPECT_NE(contents(figures / "graph.svg").find("<svg"), std::string::npos);
}

TEST_F(ReportCommand, RefusesWhatIsNoRunInOneLine) {
  fs::create_directories(run_);
  const ProgramResult foreign = run_hearsay({"report", run_});
  EXPECT_EQ(foreign.exit_code, 2);
  EXPECT_EQ(foreign.err, "error: " + run_.string() + ": holds no run (no manifest.json)\n");
}

TEST_F(ReportCommand, NamesTheFileOfARunThatIsSpoilt) {
  for (const char* const file :
       {"scenario.yaml", "manifest.json", "metrics.csv", "peers.csv", "events.jsonl"}) {
    ASSERT_EQ(run_quadratic().exit_code, 0);
    std::ofstream(run_ / file) << "spoilt\n";
    const ProgramResult result = run_hearsay({"report", run_});
    EXPECT_EQ(result.exit_code, 2) << file;
    EXPECT_EQ(result.err.find("error: " + (run_ / file).string() + ":"), 0U) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  }
}

}  // namespace
}  // namespace hearsay

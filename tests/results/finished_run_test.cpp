#include "results/finished_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "node/base/error.hpp"
#include "results/run_directory.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

class FinishedRunTest : public testing::Test {
 protected:
  /// Writes a run that is done.
  void write_run() const {
    RunDirectory directory = RunDirectory::at(path_);
    directory.write_manifest({.scenario_digest = 0x1234});
    directory.append_metrics({.round = 10, .time = {1'500'000'000}, .bytes_sent = 7});
    directory.append_metrics({.round = 20,
                              .time = {3'000'000'000},
                              .accuracy_mean = 0.1,
                              .loss_mean = std::numeric_limits<double>::infinity(),
                              .bytes_sent = 9});
    Summary summary{.wall_seconds = 0.5, .model_digest = 0xab, .event_digest = 0xcd};
    summary.time_to_accuracy = {{.target = 0.5, .fraction_reached = 0.75}};
    summary.time_to_accuracy[0].seconds.node_averaged = 2.5;
    directory.write_summary(summary);
  }

  void replace(const std::string& file, const std::string& text) const {
    std::ofstream(path_ / file) << text;
  }

  std::string error() const {
    try {
      read_finished_run(path_);
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }

  const TemporaryDirectory temporary_;
  const fs::path path_ = temporary_.path() / "run";
};

TEST_F(FinishedRunTest, ReadsWhatARunWrites) {
  write_run();
  const FinishedRun run = read_finished_run(path_);
  EXPECT_EQ(run.status, "done");
  EXPECT_EQ(run.scenario_digest, "0000000000001234");
  EXPECT_EQ(run.model_digest, "00000000000000ab");
  EXPECT_EQ(run.event_digest, "00000000000000cd");
  EXPECT_EQ(run.wall_seconds, 0.5);
  ASSERT_EQ(run.rows.size(), 2U);
  EXPECT_EQ(run.rows[0][*run.column("time_s")], 1.5);
  EXPECT_TRUE(std::isnan(run.rows[0][*run.column("accuracy_mean")]));
  EXPECT_EQ(run.last("accuracy_mean"), 0.1);
  EXPECT_TRUE(std::isinf(run.last("loss_mean")));
  EXPECT_EQ(run.last("bytes_sent"), 9);
  EXPECT_TRUE(std::isnan(run.last("no such column")));
  ASSERT_EQ(run.targets.size(), 1U);
  EXPECT_EQ(run.targets[0].fraction_reached, 0.75);
  EXPECT_EQ(run.targets[0].time_s, 2.5);
  EXPECT_TRUE(std::isnan(run.targets[0].rounds));
}

TEST_F(FinishedRunTest, ARunWithoutASummaryHasNoEnd) {
  write_run();
  fs::remove(path_ / "summary.json");
  EXPECT_EQ(read_finished_run(path_).status, "");
  EXPECT_FALSE(status_of_run(path_).has_value());
}

TEST_F(FinishedRunTest, SaysWhatIsWrongWithForeignDirectories) {
  EXPECT_EQ(error(), path_.string() + ": holds no run (no manifest.json)");
  write_run();
  replace("manifest.json", "[]");
  EXPECT_EQ(error(),
            (path_ / "manifest.json").string() + ": is no JSON object, which a run writes");
  replace("manifest.json", "{}");
  EXPECT_EQ(error(), (path_ / "manifest.json").string() + ": has no scenario_digest");
}

TEST_F(FinishedRunTest, SaysWhatIsWrongWithMetrics) {
  write_run();
  const std::string file = (path_ / "metrics.csv").string();
  replace("metrics.csv", "round,time_s\n");
  EXPECT_EQ(error(), file + ": has no column bytes_sent");
  replace("metrics.csv", "round,time_s,bytes_sent\n1,2,3\n1,x,3\n");
  EXPECT_EQ(error(), file + ": line 3: \"x\" is no number");
  replace("metrics.csv", "round,time_s,bytes_sent\n1,2\n");
  EXPECT_EQ(error(), file + ": line 2: 2 fields, but there are 3 columns");
}

TEST_F(FinishedRunTest, SaysWhatIsWrongWithASummary) {
  write_run();
  replace("summary.json", "{\"status\": \"done\"}");
  EXPECT_EQ(error().find((path_ / "summary.json").string() + ": is not as a run writes it"), 0U);
  replace("summary.json", "{\"status\": 3");
  EXPECT_FALSE(status_of_run(path_).has_value());
}

}  // namespace
}  // namespace hearsay

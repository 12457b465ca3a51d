#include "results/report_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "results/figures.hpp"
#include "results/report_page.hpp"
#include "tests/results/run_files.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

class ReportJsonTest : public testing::Test {
 protected:
  ReportData read() const {
    return read_report_data(path_, {.name = "a",
                                    .num_peers = 3,
                                    .targets = {0.2},
                                    .hold = {.evaluations = 0},
                                    .graph = {.x = {0.0, 1.0, 0.123456},
                                              .y = {0.0, 1.0, 0.5},
                                              .edges = {{0, 1}, {1, 2}},
                                              .num_edges = 2}});
  }

  nlohmann::json json() const { return nlohmann::json::parse(report_json(read())); }

  const TemporaryDirectory temporary_;
  const std::filesystem::path path_ = temporary_.path() / "run";
};

// Every number of metrics.csv, read from the file by other means than the report's own.
TEST_F(ReportJsonTest, HasTheNumbersOfMetricsCsv) {
  write_small_run(path_);
  const nlohmann::json metrics = json()["metrics"];
  std::istringstream file(contents(path_ / "metrics.csv"));
  std::string header;
  std::getline(file, header);
  std::string line;
  for (int row = 0; std::getline(file, line); ++row) {
    std::istringstream names(header);
    std::istringstream cells(line + ",");
    std::string name;
    std::string cell;
    while (std::getline(names, name, ',') && std::getline(cells, cell, ',')) {
      const nlohmann::json& shown = metrics[name][row];
      if (cell.empty()) {
        EXPECT_TRUE(shown.is_null()) << name;
      } else {
        EXPECT_EQ(shown.get<double>(), std::stod(cell)) << name;
      }
    }
  }
  EXPECT_EQ(metrics["loss_max"], nlohmann::json({3, 6}));
}

TEST_F(ReportJsonTest, HasThePeersRoundedToFourDigits) {
  write_small_run(path_);
  const nlohmann::json peers = json()["peers"];
  EXPECT_EQ(peers["measure"], "accuracy");
  EXPECT_EQ(peers["ids"], nlohmann::json({0, 1, 2}));
  EXPECT_EQ(peers["values"], nlohmann::json({{0.1, 0.2, 0.3}, {0.4, 0.5, 0.1235}}));
  EXPECT_EQ(peers["round"], nlohmann::json({1, 2}));
}

TEST_F(ReportJsonTest, ShowsLossesWhereThereAreNoAccuracies) {
  RunDirectory directory = RunDirectory::at(path_);
  directory.write_manifest({});
  directory.write_scenario("");
  append_evaluation(directory, 1, {{.round = 1, .peer = 0, .loss = 2.0}});
  EXPECT_EQ(json()["peers"]["measure"], "loss");
  EXPECT_EQ(json()["peers"]["values"], nlohmann::json({{2}}));
}

TEST_F(ReportJsonTest, HasGraphTargetsAndDocuments) {
  write_small_run(path_);
  const nlohmann::json data = json();
  EXPECT_EQ(data["graph"]["ends"], nlohmann::json({0, 1, 1, 2}));
  EXPECT_EQ(data["graph"]["x"], nlohmann::json({0, 1, 0.1235}));
  EXPECT_EQ(data["reached"][0]["seconds"], nlohmann::json({1, 1, 2}));
  EXPECT_EQ(data["reached"][0]["ranks"], nlohmann::json({1, 2, 3}));
  EXPECT_EQ(data["scenario"], "name: </script> & co\n");
  EXPECT_EQ(data["manifest"], contents(path_ / "manifest.json"));
  EXPECT_EQ(data["summary"], "");
  EXPECT_EQ(data["status"], "");
}

TEST_F(ReportJsonTest, ThinsLongRunsButKeepsBothEnds) {
  RunDirectory directory = RunDirectory::at(path_);
  directory.write_manifest({});
  directory.write_scenario("");
  for (int round = 1; round <= 2500; ++round) append_evaluation(directory, round, {});
  const nlohmann::json data = json();
  EXPECT_EQ(data["num_rows"], 2500);
  EXPECT_EQ(data["metrics"]["round"].size(), 1000U);
  EXPECT_EQ(data["metrics"]["round"].front(), 1);
  EXPECT_EQ(data["metrics"]["round"].back(), 2500);
}

TEST_F(ReportJsonTest, StandsInAPageWithoutEndingIt) {
  write_small_run(path_);
  const std::string json = report_json(read());
  EXPECT_EQ(json.find('<'), std::string::npos);
  const std::string page = report_page("a < b & c", json);
  EXPECT_NE(page.find("<title>a &lt; b &amp; c - Hearsay</title>"), std::string::npos);
  EXPECT_NE(page.find(json), std::string::npos);
  for (const char* const mark : {"{{title}}", "{{style}}", "{{data}}", "{{scripts}}"}) {
    EXPECT_EQ(page.find(mark), std::string::npos) << mark;
  }
}

TEST_F(ReportJsonTest, MakesAFigureOfEachPlotTheRunHasNumbersFor) {
  write_small_run(path_);
  std::vector<std::string> names;
  for (const Figure& figure : report_figures(read())) {
    names.push_back(figure.name);
    EXPECT_NE(figure.script.find("set output '" + figure.name + ".pdf'"), std::string::npos);
  }
  EXPECT_EQ(names, (std::vector<std::string>{
                       "accuracy_over_rounds", "accuracy_over_time", "accuracy_over_bytes",
                       "loss_over_rounds", "loss_over_time", "loss_over_bytes",
                       "consensus_distance_over_rounds", "consensus_distance_over_time",
                       "consensus_distance_over_bytes", "bytes_over_rounds", "messages_over_rounds",
                       "time_to_accuracy", "peers", "graph"}));
}

TEST_F(ReportJsonTest, FiguresHoldTheNumbersOfTheFile) {
  write_small_run(path_);
  const std::string script = report_figures(read()).front().script;
  // Accuracies 0.123456, 0.4, 0.5: mean, 10th and 90th percentile, worst.
  EXPECT_NE(script.find("\n2 0.34115199999999996 0.1787648 0.48 0.123456\n"), std::string::npos)
      << script;
}

}  // namespace
}  // namespace hearsay

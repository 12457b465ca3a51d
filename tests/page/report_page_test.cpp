// The report's page in a browser.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "node/base/rng.hpp"
#include "results/finished_run.hpp"
#include "scenarios/run_report.hpp"
#include "tests/page/browser.hpp"
#include "tests/results/run_files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kHomeKey = "\uE011";

/// One browser for all tests; a run of 16 peers whose page is open at the start of each.
class ReportPageTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (Browser::is_installed()) browser_ = std::make_unique<Browser>();
  }
  static void TearDownTestSuite() { browser_.reset(); }

  void SetUp() override {
    if (!browser_) GTEST_SKIP() << "Chromium and its driver are not installed";
    write_run("run", /*peers=*/16, /*evaluations=*/12);
    open("run");
  }

  /// A run whose peers have accuracies drawn at random, with a few faults.
  void write_run(const std::string& name, int peers, int evaluations) const {
    RunDirectory directory = RunDirectory::at(temporary_.path() / name);
    directory.write_manifest({.commit = "abc"});
    directory.write_scenario("name: " + name + "\npeers: " + std::to_string(peers) +
                             "\ntopology: {kind: random_regular, degree: 4}\n"
                             "model: {kind: quadratic}\nevaluation: {targets: [0.5]}\n");
    Rng rng(1);
    for (int round = 1; round <= evaluations; ++round) {
      std::vector<PeerRow> rows;
      for (PeerId peer = 0; peer < peers; ++peer) {
        const double accuracy = rng.uniform() * round / evaluations;
        rows.push_back({.round = round,
                        .time = SimTime::from_seconds(round),
                        .peer = peer,
                        .accuracy = accuracy,
                        .loss = 1.0 / (0.1 + accuracy),
                        .samples = 100});
      }
      append_evaluation(directory, round, rows);
    }
    const std::vector<EventRecord> events{
        {.time = SimTime::from_seconds(3.0), .kind = "crash", .peer = 1},
        {.time = SimTime::from_seconds(5.0), .kind = "restart", .peer = 1}};
    directory.append_events(events);
    write_run_report(read_run_report(path(name)), path(name) / "report.html");
  }

  fs::path path(const std::string& name) const { return temporary_.path() / name; }

  void open(const std::string& name) const {
    browser_->log("performance");
    browser_->open("file://" + (path(name) / "report.html").string());
  }

  /// The numbers of a curve, as Chart.js has them.
  static Json curve(const std::string& plot, int dataset, const char* coordinate) {
    return browser_->run("return hearsay.charts.get('" + plot + "').data.datasets[" +
                         std::to_string(dataset) + "].data.map((point) => point." + coordinate +
                         ")");
  }

  /// A column of metrics.csv.
  Json column(const std::string& name) const {
    const FinishedRun run = read_finished_run(path("run"));
    Json values = Json::array();
    for (const std::vector<double>& row : run.rows) values.push_back(row[*run.column(name)]);
    return values;
  }

  static std::string picture(const std::string& canvas) {
    return browser_->run("return document.getElementById('" + canvas + "').toDataURL()")
        .get<std::string>();
  }

  const TemporaryDirectory temporary_;
  inline static std::unique_ptr<Browser> browser_;
};

TEST_F(ReportPageTest, ShowsEveryPlot) {
  const Json plots = browser_->run("return [...hearsay.charts.keys()]");
  EXPECT_EQ(plots, Json({"accuracy", "faults-accuracy", "loss", "faults-loss", "consensus", "bytes",
                         "messages", "reached"}));
  // A canvas that is drawn on differs from an empty one of its size.
  const Json empty = browser_->run(R"(
      return [...document.querySelectorAll("canvas")].filter((canvas) => {
        const other = document.createElement("canvas");
        [other.width, other.height] = [canvas.width, canvas.height];
        return canvas.width === 0 || other.toDataURL() === canvas.toDataURL();
      }).map((canvas) => canvas.id))");
  EXPECT_EQ(empty, Json::array());
}

TEST_F(ReportPageTest, SaysNothingOnTheConsole) {
  browser_->log("browser");
  open("run");
  browser_->click("#play");
  EXPECT_EQ(browser_->log("browser"), Json::array());
}

TEST_F(ReportPageTest, AsksForNothingOutsideItsFile) {
  int requests = 0;
  for (const Json& entry : browser_->log("performance")) {
    const Json message = Json::parse(entry.at("message").get<std::string>()).at("message");
    if (message.at("method") != "Network.requestWillBeSent") continue;
    const auto url = message.at("params").at("request").at("url").get<std::string>();
    EXPECT_TRUE(url.starts_with("data:") || url.ends_with("/run/report.html")) << url;
    ++requests;
  }
  EXPECT_GE(requests, 1);
}

TEST_F(ReportPageTest, ShowsTheNumbersOfTheCsvOverEachAxis) {
  for (const char* const axis : {"time_s", "bytes_sent", "round"}) {
    browser_->click(std::string("input[value=") + axis + "]");
    EXPECT_EQ(curve("accuracy", 0, "x"), column(axis));
    EXPECT_EQ(curve("accuracy", 0, "y"), column("accuracy_mean"));
    EXPECT_EQ(curve("accuracy", 1, "y"), column("accuracy_min"));
    EXPECT_EQ(curve("accuracy", 2, "y"), column("accuracy_p90"));
    EXPECT_EQ(curve("loss", 0, "y"), column("loss_mean"));
    EXPECT_EQ(curve("consensus", 0, "y"), column("consensus_distance"));
  }
  // The crash was at 3 s, at the end of round 3.
  EXPECT_EQ(curve("faults-accuracy", 0, "x"), Json({3, 5}));
}

TEST_F(ReportPageTest, SliderMovesThroughTime) {
  const std::string graph = picture("graph");
  const std::string heat_map = picture("heat-map");
  const auto moment = [] {
    return browser_->run("return document.getElementById('moment-text').textContent");
  };
  EXPECT_EQ(moment(), "round 12, 12 s, 12 kB sent");
  browser_->type("#moment", kHomeKey);
  EXPECT_EQ(moment(), "round 1, 1 s, 1 kB sent");
  EXPECT_NE(picture("graph"), graph);
  EXPECT_NE(picture("heat-map"), heat_map);
}

TEST_F(ReportPageTest, ColorsPeersByRoleToo) {
  const std::string by_accuracy = picture("graph");
  browser_->run(
      "const color = document.getElementById('color'); color.value = 'role';"
      "color.dispatchEvent(new Event('change'))");
  EXPECT_NE(picture("graph"), by_accuracy);
}

TEST_F(ReportPageTest, IsSmallAndQuickWithTenThousandPeers) {
  write_run("many", /*peers=*/10'000, /*evaluations=*/60);
  EXPECT_LT(fs::file_size(path("many") / "report.html"), 5'000'000U);
  open("many");
  const double milliseconds =
      browser_->run("return performance.getEntriesByType('navigation')[0].loadEventEnd")
          .get<double>();
  EXPECT_GT(milliseconds, 0.0);
  EXPECT_LT(milliseconds, 3000.0);
  EXPECT_EQ(browser_->run("return hearsay.data.peers.ids.length"), 10'000);
  RecordProperty("load_ms", std::to_string(milliseconds));
}

}  // namespace
}  // namespace hearsay

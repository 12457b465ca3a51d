#include "results/run_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "results/record_text.hpp"
#include "tests/data/error_message.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::vector<std::string> names_in(const fs::path& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

class RunDirectoryTest : public testing::Test {
 protected:
  fs::path root() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
};

TEST_F(RunDirectoryTest, TheDefaultPlaceIsNamedForScenarioAndSeed) {
  const RunDirectory run = RunDirectory::in_default_place("quickstart", 42, root() / "runs");
  EXPECT_EQ(run.path(), root() / "runs" / "quickstart-s42");
  EXPECT_TRUE(fs::is_directory(run.path()));
}

TEST_F(RunDirectoryTest, OpensTheGrowingFilesWithTheirHeaders) {
  const RunDirectory run = RunDirectory::at(root() / "run");
  EXPECT_THAT(names_in(run.path()),
              UnorderedElementsAre("metrics.csv", "peers.csv", "events.jsonl"));
  EXPECT_EQ(contents(run.path() / "metrics.csv"), metrics_csv_header());
  EXPECT_EQ(contents(run.path() / "peers.csv"), peers_csv_header());
  EXPECT_EQ(contents(run.path() / "events.jsonl"), "");
}

TEST_F(RunDirectoryTest, RowsAreReadableWhileTheRunGoesOn) {
  RunDirectory run = RunDirectory::at(root() / "run");
  const MetricsRow first{.round = 1};
  const MetricsRow second{.round = 2, .accuracy_mean = 0.5};
  run.append_metrics(first);
  EXPECT_EQ(contents(run.path() / "metrics.csv"), metrics_csv_header() + to_csv(first));
  run.append_metrics(second);
  EXPECT_EQ(contents(run.path() / "metrics.csv"),
            metrics_csv_header() + to_csv(first) + to_csv(second));

  const std::vector<PeerRow> peers = {{.peer = 0}, {.peer = 1, .role = "adversary"}};
  run.append_peers(peers);
  EXPECT_EQ(contents(run.path() / "peers.csv"),
            peers_csv_header() + to_csv(peers[0]) + to_csv(peers[1]));

  const std::vector<EventRecord> events = {{.kind = "join"}, {.kind = "leave"}};
  run.append_events(events);
  EXPECT_EQ(contents(run.path() / "events.jsonl"),
            to_json_line(events[0]) + to_json_line(events[1]));
}

TEST_F(RunDirectoryTest, DocumentsAreWrittenWholeAndLeaveNothingElse) {
  RunDirectory run = RunDirectory::at(root() / "run");
  run.write_scenario("name: quickstart\n");
  run.write_manifest({.commit = "abc"});
  run.write_summary({.events = 12});
  run.write_summary({.events = 13});
  EXPECT_EQ(contents(run.path() / "scenario.yaml"), "name: quickstart\n");
  EXPECT_EQ(nlohmann::json::parse(contents(run.path() / "manifest.json"))["commit"], "abc");
  EXPECT_EQ(nlohmann::json::parse(contents(run.path() / "summary.json"))["events"], 13);
  EXPECT_THAT(names_in(run.path()),
              UnorderedElementsAre("metrics.csv", "peers.csv", "events.jsonl", "scenario.yaml",
                                   "manifest.json", "summary.json"));
}

TEST_F(RunDirectoryTest, ADocumentThatCannotBeWrittenLeavesTheFormerOne) {
  RunDirectory run = RunDirectory::at(root() / "run");
  run.write_summary({.events = 12});
  const std::string former = contents(run.path() / "summary.json");
  // A directory in the place of the temporary file stands for a full disk.
  fs::create_directory(run.path() / "summary.json.unfinished");
  EXPECT_THROW(run.write_summary({.events = 13}), std::runtime_error);
  EXPECT_EQ(contents(run.path() / "summary.json"), former);
}

TEST_F(RunDirectoryTest, AFailingWriteIsNoMistakeOfTheUser) {
  RunDirectory run = RunDirectory::at(root() / "run");
  fs::remove_all(run.path());
  try {
    run.write_summary({});
    FAIL() << "wrote into a directory that is gone";
  } catch (const UserError& error) {
    FAIL() << error.what();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot be written"));
  }
}

TEST_F(RunDirectoryTest, AFormerRunInTheDefaultPlaceIsReplaced) {
  {
    RunDirectory run = RunDirectory::in_default_place("a", 1, root());
    run.append_metrics({.round = 7});
    run.write_manifest({});
    run.write_summary({});
    write(run.path() / "report.html", "of the former run");
    write(run.path() / "notes.txt", "of the user");
  }
  const RunDirectory run = RunDirectory::in_default_place("a", 1, root());
  EXPECT_EQ(contents(run.path() / "metrics.csv"), metrics_csv_header());
  EXPECT_FALSE(fs::exists(run.path() / "summary.json"));
  EXPECT_FALSE(fs::exists(run.path() / "report.html"));
  EXPECT_EQ(contents(run.path() / "notes.txt"), "of the user");
}

TEST_F(RunDirectoryTest, AChosenDirectoryMayBeNewEmptyOrARun) {
  fs::create_directory(root() / "empty");
  EXPECT_EQ(RunDirectory::at(root() / "empty").path(), root() / "empty");
  EXPECT_EQ(RunDirectory::at(root() / "new" / "below").path(), root() / "new" / "below");
  RunDirectory::at(root() / "run").write_manifest({});
  EXPECT_EQ(RunDirectory::at(root() / "run").path(), root() / "run");
}

TEST_F(RunDirectoryTest, AChosenDirectoryWithOtherFilesIsRefusedUntouched) {
  write(root() / "thesis.tex", "years of work");
  write(root() / "summary.json", "of something else");
  EXPECT_EQ(user_error_of([&] { RunDirectory::at(root()); }),
            "--out: " + root().string() +
                " holds files but no run (no manifest.json); choose an empty or a new directory");
  EXPECT_THAT(names_in(root()), UnorderedElementsAre("thesis.tex", "summary.json"));
}

TEST_F(RunDirectoryTest, APlaceThatCannotBeCreatedIsRefused) {
  write(root() / "file", "");
  const std::string below = (root() / "file" / "run").string();
  EXPECT_THAT(
      user_error_of([&] { RunDirectory::at(below); }),
      AllOf(StartsWith("--out: " + below + " cannot be created: "), HasSubstr("Not a directory")));
  EXPECT_THAT(user_error_of([&] { RunDirectory::at(root() / "file"); }),
              HasSubstr("cannot be created"));
  EXPECT_THAT(user_error_of([&] { RunDirectory::in_default_place("a", 1, root() / "file"); }),
              StartsWith((root() / "file" / "a-s1").string() + " cannot be created: "));
}

TEST_F(RunDirectoryTest, AFileThatCannotBeOpenedIsRefused) {
  fs::create_directories(root() / "a-s1" / "peers.csv");
  EXPECT_EQ(user_error_of([&] { RunDirectory::in_default_place("a", 1, root()); }),
            (root() / "a-s1" / "peers.csv").string() + " cannot be written: Is a directory");
}

TEST_F(RunDirectoryTest, ANameMustBeOneFolder) {
  EXPECT_EQ(user_error_of([&] { RunDirectory::in_default_place("../a", 1, root()); }),
            "name: \"../a\" cannot name a directory: it contains '/'");
  EXPECT_EQ(user_error_of([&] { RunDirectory::in_default_place("", 1, root()); }),
            "name: \"\" cannot name a directory: it is empty");
}

}  // namespace
}  // namespace hearsay

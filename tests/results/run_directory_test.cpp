#include "results/run_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "node/base/archive.hpp"
#include "results/record_text.hpp"
#include "tests/data/error_message.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

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
  EXPECT_THAT(names_in(run.path()), UnorderedElementsAre("metrics.csv", "peers.csv", "sides.csv",
                                                         "events.jsonl", "trace.csv"));
  EXPECT_EQ(contents(run.path() / "metrics.csv"), metrics_csv_header());
  EXPECT_EQ(contents(run.path() / "peers.csv"), peers_csv_header());
  EXPECT_EQ(contents(run.path() / "sides.csv"), sides_csv_header());
  EXPECT_EQ(contents(run.path() / "events.jsonl"), "");
  EXPECT_EQ(contents(run.path() / "trace.csv"), trace_csv_header());
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

  const std::vector<SideRow> sides = {{.component = 0}, {.component = 8}};
  run.append_sides(sides);
  EXPECT_EQ(contents(run.path() / "sides.csv"),
            sides_csv_header() + to_csv(sides[0]) + to_csv(sides[1]));

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
  run.write_wait_graph("digraph {}\n");
  EXPECT_EQ(contents(run.path() / "wait_for.dot"), "digraph {}\n");
  EXPECT_EQ(contents(run.path() / "scenario.yaml"), "name: quickstart\n");
  EXPECT_EQ(nlohmann::json::parse(contents(run.path() / "manifest.json"))["commit"], "abc");
  EXPECT_EQ(nlohmann::json::parse(contents(run.path() / "summary.json"))["events"], 13);
  EXPECT_THAT(
      names_in(run.path()),
      UnorderedElementsAre("metrics.csv", "peers.csv", "sides.csv", "events.jsonl", "trace.csv",
                           "scenario.yaml", "manifest.json", "summary.json", "wait_for.dot"));
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
    run.write_wait_graph("digraph {}\n");
    write(run.path() / "report.html", "of the former run");
    write(run.path() / "notes.txt", "of the user");
    fs::create_directory(run.path() / "checkpoints");
    write(run.path() / "checkpoints" / "000001.ckpt", "of the former run");
  }
  const RunDirectory run = RunDirectory::in_default_place("a", 1, root());
  EXPECT_EQ(contents(run.path() / "metrics.csv"), metrics_csv_header());
  for (const char* const gone : {"summary.json", "wait_for.dot", "report.html", "checkpoints"}) {
    EXPECT_FALSE(fs::exists(run.path() / gone)) << gone;
  }
  EXPECT_EQ(contents(run.path() / "notes.txt"), "of the user");
}

// Else one that is cut off in between leaves a checkpoint of rows that are gone.
TEST_F(RunDirectoryTest, TheRowsOfAFormerRunGoAfterItsCheckpoints) {
  { RunDirectory::in_default_place("a", 1, root()).append_metrics({.round = 7}); }
  const fs::path run = root() / "a-s1";
  const std::string rows = contents(run / "metrics.csv");
  // What is not ours to remove stands for the end of the process at that moment.
  fs::create_directory(run / "report.html");
  write(run / "report.html" / "of the user", "");
  EXPECT_THAT(user_error_of([&] { RunDirectory::in_default_place("a", 1, root()); }),
              StartsWith((run / "report.html").string() + " cannot be removed: "));
  EXPECT_EQ(contents(run / "metrics.csv"), rows);
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

const std::vector<PeerRow> kPeers = {{.peer = 0}, {.peer = 1}};
const std::vector<SideRow> kSides = {{.component = 0}, {.component = 8}, {.component = 9}};
const std::vector<EventRecord> kEvents = {{.kind = "join"}};

void append_a_bit(RunDirectory& run, int round) {
  run.append_metrics({.round = round});
  run.append_peers(kPeers);
  run.append_sides(kSides);
  run.append_events(kEvents);
  run.append_trace({.event = "start"});
}

std::string growing_contents(const fs::path& run) {
  std::string text;
  for (const char* const file :
       {"metrics.csv", "peers.csv", "sides.csv", "events.jsonl", "trace.csv"}) {
    text += contents(run / file) + "\n---\n";
  }
  return text;
}

TEST_F(RunDirectoryTest, SizesAreThoseOfTheGrowingFiles) {
  RunDirectory run = RunDirectory::at(root() / "run");
  for (int round = 0; round < 3; ++round) {
    const GrowingSizes sizes = run.sizes();
    const auto size_of = [&](const char* file) {
      return static_cast<std::int64_t>(fs::file_size(run.path() / file));
    };
    EXPECT_EQ(sizes.metrics, size_of("metrics.csv"));
    EXPECT_EQ(sizes.peers, size_of("peers.csv"));
    EXPECT_EQ(sizes.sides, size_of("sides.csv"));
    EXPECT_EQ(sizes.events, size_of("events.jsonl"));
    EXPECT_EQ(sizes.trace, size_of("trace.csv"));
    append_a_bit(run, round);
  }
}

TEST_F(RunDirectoryTest, AResumedRunLeavesTheSameRowsAsOneThatWasNotCutOff) {
  GrowingSizes sizes;
  {
    RunDirectory run = RunDirectory::at(root() / "run");
    run.write_manifest({.commit = "abc"});
    append_a_bit(run, 1);
    sizes = run.sizes();
    append_a_bit(run, 2);
    append_a_bit(run, 2);
    run.write_summary({});
    run.write_wait_graph("digraph {}\n");
    write(run.path() / "report.html", "of the former end");
  }
  RunDirectory resumed = RunDirectory::resume(root() / "run", sizes);
  EXPECT_EQ(resumed.sizes(), sizes);
  for (const char* const ending : {"summary.json", "wait_for.dot", "report.html"}) {
    EXPECT_FALSE(fs::exists(resumed.path() / ending)) << ending;
  }
  EXPECT_TRUE(fs::exists(resumed.path() / "manifest.json"));
  append_a_bit(resumed, 2);

  RunDirectory straight = RunDirectory::at(root() / "straight");
  append_a_bit(straight, 1);
  append_a_bit(straight, 2);
  EXPECT_EQ(resumed.sizes(), straight.sizes());
  EXPECT_EQ(growing_contents(resumed.path()), growing_contents(straight.path()));
}

TEST_F(RunDirectoryTest, AShortOrMissingFileIsNotResumedAndNothingIsChanged) {
  GrowingSizes sizes;
  {
    RunDirectory run = RunDirectory::at(root() / "run");
    run.write_manifest({});
    append_a_bit(run, 1);
    run.write_summary({});
    sizes = run.sizes();
  }
  const std::string before = growing_contents(root() / "run");
  const std::vector<std::pair<std::string, std::int64_t GrowingSizes::*>> files = {
      {"metrics.csv", &GrowingSizes::metrics},
      {"peers.csv", &GrowingSizes::peers},
      {"sides.csv", &GrowingSizes::sides},
      {"events.jsonl", &GrowingSizes::events},
      {"trace.csv", &GrowingSizes::trace}};
  for (const auto& [name, size] : files) {
    GrowingSizes longer = {.metrics = 1, .peers = 1, .sides = 1, .events = 1, .trace = 1};
    longer.*size = sizes.*size + 1;
    EXPECT_EQ(RunDirectory::shortfall(root() / "run", longer),
              user_error_of([&] { RunDirectory::resume(root() / "run", longer); }));
    EXPECT_EQ(RunDirectory::shortfall(root() / "run", longer),
              (root() / "run" / name).string() + " cannot be resumed: it holds " +
                  std::to_string(sizes.*size) + " bytes, fewer than the " +
                  std::to_string(longer.*size) + " that the checkpoint counts");
  }
  EXPECT_EQ(RunDirectory::shortfall(root() / "run", sizes), std::nullopt);
  EXPECT_EQ(growing_contents(root() / "run"), before);
  EXPECT_TRUE(fs::exists(root() / "run" / "summary.json"));

  const fs::path events = root() / "run" / "events.jsonl";
  fs::remove(events);
  EXPECT_EQ(user_error_of([&] { RunDirectory::resume(root() / "run", sizes); }),
            events.string() + " cannot be resumed: No such file or directory");
}

TEST_F(RunDirectoryTest, ADirectoryWithoutARunIsNotResumed) {
  EXPECT_EQ(user_error_of([&] { RunDirectory::resume(root(), {}); }),
            root().string() + " holds no run to resume (no manifest.json)");
}

TEST_F(RunDirectoryTest, SizesAreRestoredFromACheckpoint) {
  GrowingSizes sizes{.metrics = 1, .peers = 2, .sides = 3, .events = 4};
  SavingArchive saving;
  saving(sizes);
  const Snapshot snapshot = saving.take();
  LoadingArchive loading(snapshot);
  GrowingSizes restored;
  loading(restored);
  EXPECT_EQ(restored, sizes);
}

}  // namespace
}  // namespace hearsay

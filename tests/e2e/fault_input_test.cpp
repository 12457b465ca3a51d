// Mistakes in the description of the world, and a world in which nobody can go on.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/e2e/cut_runs.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

// Seven lines: what a test adds starts in line 8.
constexpr const char* kSmallScenario = R"(name: small
peers: 8
topology: {kind: ring}
data: {kind: gaussian_mixture, partition: {kind: iid}}
model: {kind: logistic}
protocol: {kind: dpsgd, rounds: 20}
evaluation: {every_rounds: 1}
)";

/// A mistake in the scenario or in TRACE, a file that it names; what is printed about it
/// begins at SCENARIO or TRACE.
struct WorldMistake {
  std::string name;
  std::string lines;
  std::string message;
  std::string trace;
};

class World : public testing::Test {
 protected:
  ProgramResult run_with(const std::string& lines) const {
    std::ofstream(scenario_) << kSmallScenario << lines;
    return run_hearsay({"run", scenario_, "--out", out_});
  }

  /// The text with the names of the files.
  std::string named(std::string text) const {
    for (const auto& [word, file] :
         {std::pair{std::string("SCENARIO"), scenario_}, std::pair{std::string("TRACE"), trace_}}) {
      const std::size_t at = text.find(word);
      if (at != std::string::npos) text.replace(at, word.size(), file);
    }
    return text;
  }

  const TemporaryDirectory temporary_;
  const std::string scenario_ = temporary_.path() / "scenario.yaml";
  const std::string trace_ = temporary_.path() / "trace.csv";
  const std::filesystem::path out_ = temporary_.path() / "out";
};

class WorldMistakes : public World, public testing::WithParamInterface<WorldMistake> {};

TEST_P(WorldMistakes, GiveOneLineWithThePlaceExitCode2AndNoFiles) {
  std::ofstream(trace_) << GetParam().trace;
  const ProgramResult result = run_with(named(GetParam().lines));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "error: " + named(GetParam().message) + "\n");
  EXPECT_EQ(result.out, "");
  EXPECT_FALSE(std::filesystem::exists(out_));
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, WorldMistakes,
    testing::Values(
        WorldMistake{"UnknownPeer", "faults:\n  - {at: 1s, crash: [8]}\n",
                     "SCENARIO:9:14: faults[0].crash: there is no peer 8; ids are 0 to 7", ""},
        WorldMistake{"HealBeforeItsPartition",
                     "faults:\n  - {at: 5s, partition: [[0-3], [4-7]]}\n  - {at: 1s, heal: all}\n",
                     "SCENARIO:10:14: faults[1].heal: there is no partition to heal at 1s; "
                     "faults[0].partition begins at 5s",
                     ""},
        WorldMistake{"CrashOfACrashedPeer",
                     "faults:\n  - {at: 1s, crash: [2]}\n  - {at: 2s, crash: [1-3]}\n",
                     "SCENARIO:10:14: faults[1].crash: peer 2 is down at 2s already, by "
                     "faults[0].crash at 1s",
                     ""},
        WorldMistake{"CrashOfACrashedPeerByGraph",
                     "faults:\n  - {at: 1s, crash: {highest_degree: 8}}\n"
                     "  - {at: 2s, crash: [1-3]}\n",
                     "faults[1].crash: peer 1 is down at 2s already, by faults[0].crash at 1s", ""},
        WorldMistake{"FreezeOfACrashedPeer",
                     "faults:\n  - {at: 1s, crash: [2], until: 5s}\n"
                     "  - {at: 2s, freeze: [2], until: 3s}\n",
                     "SCENARIO:10:14: faults[1].freeze: peer 2 is down at 2s already, by "
                     "faults[0].crash at 1s; only a peer that is up can freeze",
                     ""},
        WorldMistake{"OverlappingPartitions",
                     "faults:\n  - {at: 1s, partition: [[0-3], [4-7]], until: 5s}\n"
                     "  - {at: 2s, partition: [[0-1], [2-7]]}\n",
                     "SCENARIO:10:14: faults[1].partition: begins at 2s while "
                     "faults[0].partition lasts until 5s; one at a time",
                     ""},
        WorldMistake{"UnsortedAvailability", "faults: [{trace: TRACE}]\n",
                     "TRACE:3: column from: rows of peer 2 must ascend, got 1 after 6,8",
                     "peer,from,to\n2,6,8\n2,1,3\n"},
        WorldMistake{"UnsortedStepTimes", "compute: {kind: trace, file: TRACE}\n",
                     "TRACE:3: column nth: expected 1, the next training of peer 2, got 3",
                     "peer,nth,step_ms\n2,0,8\n2,3,1\n"},
        WorldMistake{"MissingTrace", "faults: [{trace: TRACE.missing}]\n",
                     "TRACE.missing: cannot be read (No such file or directory)", ""},
        WorldMistake{"NegativeBandwidth", "network: {kind: links, up: -1MB/s}\n",
                     "SCENARIO:8:24: network.up: must be at least 1, got -1MB/s", ""},
        WorldMistake{"LatencyOfCenturies", "network: {kind: links, latency: 9000000000s}\n",
                     "SCENARIO:8:24: network.latency: must be between 0 and 1e6, got "
                     "9000000000s",
                     ""},
        WorldMistake{
            "LossOfAllThatIsSentAgain", "network: {kind: links, loss: 99.9%, retransmit: true}\n",
            "SCENARIO:8:1: network: retransmit needs a loss of at most 99%, got 99.9%", ""},
        WorldMistake{"NegativeSharedBandwidth", "network: {kind: shared, backbone: -5MB/s}\n",
                     "SCENARIO:8:25: network.backbone: must be at least 1, got -5MB/s", ""},
        WorldMistake{"CheckpointsOfSimgrid",
                     "network: {kind: simgrid}\ncheckpoint: {every_rounds: 1}\n",
                     "SCENARIO:9:1: checkpoint: network simgrid cannot be saved; use links or "
                     "shared",
                     ""}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(World, ThatStallsGivesExitCode4AndTheWaitForGraph) {
  const ProgramResult result = run_with("faults: [{at: 300ms, crash: [3]}]\n");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("error: the run stalled: 7 peers wait:\n"), std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("  peer 2 waits for 3 (crashed at 300 ms)\n"), std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("dead end: peer 3 (crashed at 300 ms), waited for by 2 peers\n"),
            std::string::npos)
      << result.err;
  EXPECT_NE(result.out.find("note: stalled"), std::string::npos) << result.out;
  const std::string graph = content_of(out_ / "wait_for.dot");
  EXPECT_TRUE(graph.starts_with("digraph wait_for {\n")) << graph;
  EXPECT_NE(graph.find("  2 -> 3 [label=\"crashed at 300 ms\"];\n"), std::string::npos) << graph;
}

// Of 64 peers the slowest takes 10^11 s for 400 kB; time ends after 9.22 * 10^9 s.
TEST_F(World, WhoseMessagesTakeLongerThanTimeLastsStalls) {
  std::ofstream(scenario_) << "name: slow\npeers: 64\nprotocol: {kind: dpsgd, rounds: 3}\n"
                              "model: {kind: quadratic, dimension: 100000}\n";
  for (const std::string kind : {"links", "shared"}) {
    for (const std::string side : {"up", "down"}) {
      const ProgramResult result =
          run_hearsay({"run", scenario_, "--out", out_, "-c",
                       "network={kind: " + kind + ", " + side + ": 1B/s, bandwidth_sigma: 5}"});
      EXPECT_EQ(result.exit_code, 4) << kind << side << result.err;
      EXPECT_NE(result.err.find(" waits for "), std::string::npos) << kind << side << result.err;
    }
  }
}

TEST_F(World, ThatDropsTheDeadDoesNotStall) {
  const ProgramResult result = run_with("faults: [{at: 300ms, crash: [3]}]\n");
  ASSERT_EQ(result.exit_code, 4) << result.err;
  for (const char* const policy : {"drop", "last_model"}) {
    const ProgramResult ended = run_hearsay(
        {"run", scenario_, "--out", out_, "-c", std::string("protocol.missing=") + policy});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_FALSE(std::filesystem::exists(out_ / "wait_for.dot"));
  }
}

}  // namespace
}  // namespace hearsay

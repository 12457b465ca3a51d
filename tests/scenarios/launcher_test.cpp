#include "scenarios/launcher.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "scenarios/array_runs.hpp"
#include "scenarios/node_briefing.hpp"
#include "scenarios/program.hpp"
#include "scenarios/slurm.hpp"
#include "scenarios/slurm_launcher.hpp"
#include "tests/data/error_message.hpp"

namespace hearsay {
namespace {

TEST(LocalLauncher, SharesPeersEvenly) {
  const auto places = make_local_launcher(4, "hearsay")->places(10);
  std::vector<int> peers;
  for (const LaunchPlace& place : places) peers.push_back(place.peers);
  EXPECT_EQ(peers, (std::vector<int>{2, 3, 2, 3}));
  EXPECT_EQ(places[3].name, "host-3");
  EXPECT_EQ(user_error_of([] { make_local_launcher(4, "hearsay")->places(3); }),
            "--processes: 4 for 3 peers; at most one per peer");
}

TEST(SlurmLauncher, GivesEveryNodeAProcessAndBeginsAgain) {
  const SlurmAllocation allocation{.job = "7", .nodes = {"n1", "n2"}};
  const auto per_node = make_slurm_launcher(allocation, 0, "hearsay")->places(5);
  ASSERT_EQ(per_node.size(), 2U);
  const auto places = make_slurm_launcher(allocation, 3, "hearsay")->places(5);
  EXPECT_EQ(places[1].name, "n2");
  EXPECT_EQ(places[2].name, "n1-2");
  EXPECT_EQ(places[2].reach, (Reach{"tcp://*:*", ""}));
}

TEST(SlurmLauncher, StartsAStepOfOneTaskOnTheNode) {
  const auto launcher = make_slurm_launcher({.job = "7", .nodes = {"n1", "n2"}}, 0, "/bin/h");
  const NodeStart start{.place = 1, .name = "n2", .run_directory = "/run", .encrypted = false};
  EXPECT_EQ(launcher->command(start),
            (std::vector<std::string>{"srun", "--nodes=1", "--ntasks=1", "--overlap", "--mpi=none",
                                      "--nodelist=n2", "/bin/h", "node", "--deployment", "-",
                                      "--host", "n2", "--state", "/run/state", "--plaintext"}));
}

TEST(ShellQuoting, GivesTheShellBackEveryWord) {
  const std::string line = shell_line({"printf", "%s|", "it's", "$HOME `x` \"y\"", "a\nb", ""});
  EXPECT_EQ(output_of({"sh", "-c", line}), "it's|$HOME `x` \"y\"|a\nb||");
}

// Statuses as wait(2) gives them: 768 is exit code 3, 9 signal 9.
TEST(SlurmTasks, AreReadFromSqueue) {
  const std::vector<SlurmTask> tasks = parse_tasks(
      "N/A|FAILED|768|NonZeroExitCode|n1|n[1-2]|2\n3|FAILED|9|None|n1|n1|0\n"
      "4|PENDING|0|Resources|n/a||0\n");
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0], (SlurmTask{-1, "FAILED", 3, "NonZeroExitCode", "n1", "n[1-2]", 2}));
  EXPECT_EQ(tasks[1], (SlurmTask{3, "FAILED", 137, "None", "n1", "n1", 0}));
  EXPECT_EQ(tasks[2], (SlurmTask{4, "PENDING", 0, "Resources", "", "", 0}));
  EXPECT_THROW(parse_tasks("what\n"), std::runtime_error);
}

TEST(SlurmTasks, AreOverWhenTheirProgramIs) {
  for (const char* const state : {"PENDING", "RUNNING", "REQUEUED", "SUSPENDED", "CONFIGURING"}) {
    EXPECT_FALSE(is_over({.state = state}, false)) << state;
  }
  for (const char* const state : {"COMPLETED", "FAILED", "NODE_FAIL", "TIMEOUT", "CANCELLED"}) {
    EXPECT_TRUE(is_over({.state = state}, true)) << state;
  }
  EXPECT_TRUE(is_over({.state = "COMPLETING"}, false));
  EXPECT_FALSE(is_over({.state = "COMPLETING"}, true));
}

TEST(ArrayText, DrawsRangesTogether) {
  EXPECT_EQ(array_text({0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
  EXPECT_EQ(array_text({4}), "4");
}

TEST(Outcomes, AreReadBack) {
  PointEnd end{.point = 3};
  end.state.status = PointStatus::kFailed;
  end.state.error = "no \"way\"";
  end.warnings = {"one", "two"};
  const auto read = parse_outcome(outcome_text(end), 3);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, end.state);
  EXPECT_EQ(read->warnings, end.warnings);
  EXPECT_FALSE(parse_outcome("{\"status\": \"do", 3));
  EXPECT_FALSE(parse_outcome("{}", 3));
}

/// A pipe with a text in it.
class Briefing : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ends_.data()), 0); }
  void TearDown() override {
    for (const int end : ends_) close(end);
  }
  void put(const std::string& text) const {
    ASSERT_EQ(write(ends_[1], text.data(), text.size()), std::ssize(text));
  }
  void hang_up() {
    close(ends_[1]);
    ends_[1] = -1;
  }
  int reading() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(Briefing, IsReadBackFromAPipeThatStaysOpen) {
  const NodeBriefing briefing{"key", "a: \"b\"\nc: d\n", "peers: 3\n"};
  put(briefing_line(briefing));
  EXPECT_EQ(read_briefing(reading()), briefing);
  EXPECT_FALSE(has_hung_up(reading()));
  hang_up();
  EXPECT_TRUE(has_hung_up(reading()));
}

TEST_F(Briefing, IsRefusedIfItIsNone) {
  put("{\"secret_key\": \"k\", \"deployment\": 3}\n");
  EXPECT_EQ(user_error_of([&] { read_briefing(reading()); }),
            "--deployment -: standard input says no \"deployment\"; `hearsay deploy` writes it");
  put("{\"secret_key\"");
  hang_up();
  EXPECT_EQ(user_error_of([&] { read_briefing(reading()); }),
            "--deployment -: standard input ended before a whole line had come; `hearsay deploy` "
            "writes it");
}

}  // namespace
}  // namespace hearsay

// Deployments whose processes are killed, stopped and started again.

#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <string>

#include "node/base/rng.hpp"
#include "tests/deploy/deployed_fixture.hpp"

namespace hearsay {
namespace {

using Chaos = Deployed;

TEST_F(Chaos, AStoppedProcessIsDoneWithoutAndTakenBack) {
  const std::size_t run = start(kLong, "live", {"--processes", "4", "-c", "protocol.rounds=2500"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); }));
  const pid_t stopped = process_of("live", "host-2");
  ASSERT_EQ(kill(stopped, SIGSTOP), 0);
  ASSERT_TRUE(until([&] { return count_events("live", "process_lost") == 1; }));
  ASSERT_EQ(kill(stopped, SIGCONT), 0);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  const nlohmann::json ended = summary("live");
  EXPECT_EQ(ended.at("churn").at("live_peers"), 8);
  EXPECT_EQ(ended.at("final").at("round"), 2500);
  EXPECT_EQ(count_events("live", "process_back"), 1);
  EXPECT_EQ(count_events("live", "crash"), 2);
  EXPECT_EQ(count_events("live", "restart"), 2);
}

// Whichever round the others are in.
TEST_F(Chaos, SurvivorsFinishWhereverAProcessIsKilled) {
  for (const int round : {1, 199}) {
    const std::string name = "killed-at-" + std::to_string(round);
    const std::size_t run =
        start(kLong, name,
              {"--processes", "4", "-c", "evaluation.every_rounds=1", "-c", "protocol.rounds=200"});
    ASSERT_TRUE(until([&] { return has_reached(name, round); }));
    kill(process_of(name, "host-1"), SIGKILL);
    ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); })) << name;
    EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out(name + ".log"));
    EXPECT_EQ(summary(name).at("final").at("round"), 200);
    EXPECT_GE(summary(name).at("churn").at("live_peers"), 6);
  }
}

// Random processes are killed (and started again), stopped and continued, from a seed.
TEST_F(Chaos, NothingHangsUnderRandomKillsAndStops) {
  constexpr std::uint64_t kSeed = 1;
  constexpr int kActions = 12;
  Rng rng(kSeed);
  const std::size_t run = start(
      kLong, "live",
      {"--processes", "4", "--restarts", "100", "-c", "protocol.rounds=800", "--stall", "20s"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); }));
  std::set<std::string> stopped;
  for (int action = 0; action < kActions && !programs_.exit_code(run); ++action) {
    const std::string host = "host-" + std::to_string(rng.below(4));
    const pid_t process = process_of("live", host);
    if (rng.below(2) == 0) {
      kill(process, SIGKILL);
      stopped.erase(host);
    } else if (stopped.erase(host) > 0) {
      kill(process, SIGCONT);
    } else {
      kill(process, SIGSTOP);
      stopped.insert(host);
    }
    poll(nullptr, 0, static_cast<int>(rng.below(400)));
  }
  for (const std::string& host : stopped) kill(process_of("live", host), SIGCONT);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }))
      << "replay: seed " << kSeed;
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  EXPECT_EQ(summary("live").at("churn").at("live_peers"), 8);
  EXPECT_EQ(summary("live").at("final").at("round"), 800);
}

}  // namespace
}  // namespace hearsay

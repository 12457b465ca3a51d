// Deployments whose processes are killed, stopped and started again.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

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

/// What a process is doing when it is killed.
struct Phase {
  const char* name;
  std::vector<std::string> overrides;  ///< That make the phase long.
  int round;                           ///< In which it is killed; -1: as soon as it listens, and
                                       ///< started again: the others wait for it a minute.
  bool waits;                          ///< For a process that is stopped.
};

const Phase kPhases[] = {
    {"start", {}, -1, false},
    {"training", {"training.local_steps=3000", "protocol.rounds=5"}, 1, false},
    {"waiting", {"protocol.timeout=1s"}, 50, true},
    {"aggregating",
     {"aggregator={kind: geometric_median}", "training.local_steps=1", "model.hidden=[500]"},
     50,
     false},
    {"end", {}, 200, false},
};

class KilledInPhase : public Chaos, public testing::WithParamInterface<Phase> {};

TEST_P(KilledInPhase, SurvivorsFinish) {
  const Phase& phase = GetParam();
  std::vector<std::string> more{"--processes",        "4", "-c", "evaluation.every_rounds=1", "-c",
                                "protocol.rounds=200"};
  if (phase.round < 0) more.insert(more.end(), {"--restarts", "1"});
  for (const std::string& change : phase.overrides) more.insert(more.end(), {"-c", change});
  const std::size_t run = start(kLong, "live", more);
  ASSERT_TRUE(until([&] {
    return phase.round < 0 ? process_of("live", "host-1") > 0 : has_reached("live", phase.round);
  }));
  const pid_t stopped = process_of("live", "host-3");
  if (phase.waits) {
    ASSERT_EQ(kill(stopped, SIGSTOP), 0);
    poll(nullptr, 0, 500);  // Rounds take milliseconds: by now all wait for it.
  }
  kill(process_of("live", "host-1"), SIGKILL);
  if (phase.waits) {
    poll(nullptr, 0, 500);
    kill(stopped, SIGCONT);
  }
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  EXPECT_EQ(summary("live").at("final").at("round"), phase.round == 1 ? 5 : 200);
  EXPECT_GE(summary("live").at("churn").at("live_peers"), 6);
}

INSTANTIATE_TEST_SUITE_P(Phases, KilledInPhase, testing::ValuesIn(kPhases),
                         [](const auto& phase) { return std::string(phase.param.name); });

/// A number from the environment, else `otherwise`.
std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// A protocol under chaos, and what its peers must have learned all the same.
struct Victim {
  const char* name;
  const char* changes;              ///< To kVictims.
  std::optional<double> most_loss;  ///< Mean of the peers' losses at the end; nothing: the
                                    ///< protocol may have come to a standstill.
  bool is_killed = true;            ///< Not only stopped and cut off.
};

// All peers have one optimum, of loss 0, but start far from it and from each other. Models that
// are averages of others' stay between them; a share of push-sum's mass that is counted twice or
// with the wrong sign would not.
constexpr const char* kVictims = R"(name: victims
peers: 8
topology: {kind: complete}
model: {kind: quadratic, dimension: 4000, condition: 10, spread: 0, init: independent}
training: {optimizer: {kind: sgd, lr: 0.1}, local_steps: 1}
evaluation: {every: 500ms}
)";

const Victim kProtocols[] = {
    {"dpsgd", "protocol: {kind: dpsgd, rounds: 1000000, missing: drop, timeout: 300ms}\n", 1.0},
    {"gossip", "protocol: {kind: gossip, rounds: 1000000, style: push, period: 10ms}\n", 1.0},
    // A process that is killed goes on from an older state than its neighbors have heard of. Their
    // running sums and its own do not fit any more then: push-sum diverges.
    {"sgp", "protocol: {kind: sgp, rounds: 1000000, timeout: 100ms}\n", 1.0, false},
    // A round whose models are all lost with their peers is the last one: that is MoDeST's own
    // limit. But nobody may stay away, and nothing may hang.
    {"modest",
     "protocol: {kind: modest, sample_size: 3, aggregators: 2, ping_timeout: 200ms,\n"
     "  second_ping: 100ms, aggregation_timeout: 500ms, rejoin: 1s}\n",
     std::nullopt},
};

/// Kills, stops, partitions and restarts from HEARSAY_CHAOS_SEED; HEARSAY_CHAOS_ACTIONS says how
/// many of them, 12 unless given.
class RandomChaos : public Chaos, public testing::WithParamInterface<Victim> {
 protected:
  static constexpr int kProcesses = 4;
  static constexpr int kMeanGapMs = 250;
  static constexpr int kLongestStopMs = 3'500;  // Silence of 2 s is the shortest deadline.

  static std::string host(std::size_t index) { return "host-" + std::to_string(index); }

  std::string replay() const {
    return "replay: HEARSAY_CHAOS_SEED=" + std::to_string(seed_) +
           " HEARSAY_CHAOS_ACTIONS=" + std::to_string(actions_) +
           " build/tests/deploy/deploy_test --gtest_filter='*RandomChaos*/" + GetParam().name + "'";
  }

  // One action in four cuts half of the peers off from the others.
  std::string scenario() {
    const int seconds = actions_ * kMeanGapMs / 1000 + 8;
    std::string text = std::string(kVictims) + GetParam().changes +
                       "until: " + std::to_string(seconds) + "s\nfaults:\n";
    Rng rng = Rng(seed_).split("partitions");
    std::int64_t at_ms = 200;
    for (int i = 0; i < actions_ / 4; ++i) {
      const std::int64_t heal_ms = at_ms + 100 + static_cast<std::int64_t>(rng.below(700));
      const std::size_t cut = 1 + rng.below(7);
      text += "  - {at: " + std::to_string(at_ms) + "ms, partition: [[0-" +
              std::to_string(cut - 1) + "], [" + std::to_string(cut) +
              "-7]], until: " + std::to_string(heal_ms) + "ms}\n";
      at_ms = heal_ms + 4 * kMeanGapMs - 450;
    }
    return text;
  }

  void act(Rng& rng) {
    const std::string victim = host(rng.below(kProcesses));
    const pid_t process = process_of("live", victim);
    const auto now = std::chrono::steady_clock::now();
    if (GetParam().is_killed && rng.below(2) == 0) {
      if (process > 0) kill(process, SIGKILL);
      stopped_.erase(victim);
    } else if (!stopped_.contains(victim)) {
      if (process > 0) kill(process, SIGSTOP);
      stopped_[victim] = now + std::chrono::milliseconds(rng.below(kLongestStopMs));
    }
  }

  // Continues those whose time has come.
  void let_go(std::chrono::steady_clock::time_point now) {
    std::erase_if(stopped_, [&](const auto& stop) {
      if (stop.second > now) return false;
      const pid_t process = process_of("live", stop.first);
      if (process > 0) kill(process, SIGCONT);
      return true;
    });
  }

  std::uint64_t seed_ = number_from("HEARSAY_CHAOS_SEED", 1);
  int actions_ = static_cast<int>(number_from("HEARSAY_CHAOS_ACTIONS", 12));
  std::map<std::string, std::chrono::steady_clock::time_point> stopped_;  ///< Until when.
};

TEST_P(RandomChaos, HarmsNoneOfThoseThatComeBack) {
  Rng rng = Rng(seed_).split("actions");
  const std::size_t run =
      start(scenario(), "live",
            {"--processes", std::to_string(kProcesses), "--restarts", "100000", "--stall", "20s"});
  ASSERT_TRUE(until([&] { return process_of("live", host(kProcesses - 1)) > 0; })) << replay();
  for (int action = 0; action < actions_ - actions_ / 4 && !programs_.exit_code(run); ++action) {
    act(rng);
    poll(nullptr, 0, static_cast<int>(rng.below(2 * kMeanGapMs)));
    let_go(std::chrono::steady_clock::now());
  }
  let_go(std::chrono::steady_clock::time_point::max());
  const std::chrono::seconds patience(60 + actions_);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }, patience)) << replay();
  const bool may_stall = !GetParam().most_loss;
  const int code = *programs_.exit_code(run);
  EXPECT_TRUE(code == 0 || (may_stall && code == 4)) << contents(out("live.log")) << replay();
  const nlohmann::json ended = summary("live");
  EXPECT_EQ(ended.at("churn").at("live_peers"), 8) << replay();
  EXPECT_EQ(ended.at("churn").at("lost_peers"), 0) << replay();
  if (may_stall) return;
  EXPECT_LT(ended.at("final").at("loss_mean"), *GetParam().most_loss) << replay();
}

INSTANTIATE_TEST_SUITE_P(Protocols, RandomChaos, testing::ValuesIn(kProtocols),
                         [](const auto& victim) { return std::string(victim.param.name); });

}  // namespace
}  // namespace hearsay

// What a scenario's faults may say, and what is said of mistakes in them, word for word.

#include "scenarios/faults.hpp"

#include <gtest/gtest.h>

#include "scenarios/json_schema.hpp"
#include "scenarios/listing.hpp"
#include "tests/scenarios/sample.hpp"

namespace hearsay {
namespace {

constexpr SimTime seconds(std::int64_t value) { return {value * 1'000'000'000}; }

PeerSelector list(std::vector<PeerSelector::IdRange> ids) {
  return {.kind = PeerSelector::Kind::kList, .ids = std::move(ids)};
}

/// The least scenario, of 16 peers, with these items from line 5 on.
std::string with_faults(const std::string& items) {
  return "name: q\npeers: 16\nmodel: {kind: quadratic}\nfaults:\n" + items;
}

std::vector<Fault> faults_in(const std::string& items) {
  return parse_scenario(with_faults(items), "x.yaml").faults;
}

/// Items and what is said of them. The items start at line 5.
struct Mistake {
  std::string items;
  std::string message;
};

void expect_errors(std::initializer_list<Mistake> mistakes) {
  for (const auto& [items, message] : mistakes) {
    EXPECT_EQ(error_of(with_faults(items)), message.empty() ? "" : "x.yaml:" + message) << items;
  }
}

constexpr const char* kEveryAction =
    "  - {at: 30s, crash: {highest_degree: 10%}}\n"
    "  - {at: 30s, crash: [3], state: lost}\n"
    "  - {at: 60s, restart: [3]}\n"
    "  - {at: 10s, leave: [4]}\n"
    "  - {at: 20s, join: [4]}\n"
    "  - {at: 5s, freeze: [1], until: 8s}\n"
    "  - {at: 5s, slow: {random: 20%}, factor: 4, until: 9s}\n"
    "  - {at: 5s, link_down: [[0, 1], [2, 3]], until: 9s}\n"
    "  - {at: 60s, partition: [[0-7], [8-15]], until: 90s}\n"
    "  - {at: 95s, partition: [[0, 2-3]]}\n"
    "  - {at: 99s, heal: all}\n"
    "  - {at: 5s, outage: {random: 1}, hops: 2, until: 9s}\n"
    "  - {at: 10s, flash_crowd: {random: 50%}, over: 5s}\n"
    "  - {at: 10s, rolling_restart: all, down: 2s, every: 1s}\n"
    "  - {at: 0s, corrupt: all, share: 1%, until: 10s}\n"
    "  - {clock_skew: all, sigma: 100e-6}\n"
    "  - {sessions: {kind: weibull, shape: 0.6, scale: 10min, off: 2min}, peers: all, until: 1h}\n"
    "  - {trace: availability.csv}\n"
    "  - {at: 7s, lose_data: {random: 3}}\n";

TEST(Faults, AreReadAsWritten) {
  const std::vector<Fault> faults = faults_in(kEveryAction);
  ASSERT_EQ(faults.size(), 19U);
  EXPECT_EQ(
      std::get<CrashFault>(faults[0].action),
      (CrashFault{.at = seconds(30),
                  .peers = {.kind = PeerSelector::Kind::kHighestDegree, .amount = Fraction{0.1}}}));
  EXPECT_EQ(std::get<CrashFault>(faults[1].action),
            (CrashFault{.at = seconds(30), .peers = list({{3, 3}}), .state = StoredState::kLost}));
  EXPECT_EQ(std::get<FreezeFault>(faults[5].action),
            (FreezeFault{.at = seconds(5), .peers = list({{1, 1}}), .until = seconds(8)}));
  EXPECT_EQ(std::get<SlowFault>(faults[6].action).factor, 4.0);
  EXPECT_EQ(
      std::get<LinkDownFault>(faults[7].action),
      (LinkDownFault{
          .at = seconds(5), .links = {{{{0, 0}, {1, 1}}, {{2, 2}, {3, 3}}}}, .until = seconds(9)}));
  EXPECT_EQ(
      std::get<PartitionFault>(faults[8].action),
      (PartitionFault{.at = seconds(60), .sides = {{{{0, 7}}, {{8, 15}}}}, .until = seconds(90)}));
  EXPECT_EQ(std::get<PartitionFault>(faults[9].action),
            (PartitionFault{.at = seconds(95), .sides = {{{{0, 0}, {2, 3}}}}}));
  EXPECT_EQ(std::get<RollingRestartFault>(faults[13].action),
            (RollingRestartFault{.at = seconds(10), .down = seconds(2), .every = seconds(1)}));
  EXPECT_EQ(std::get<SessionsFault>(faults[16].action),
            (SessionsFault{.sessions = WeibullSessions{0.6, seconds(600), seconds(120)},
                           .until = seconds(3600)}));
  EXPECT_EQ(std::get<TraceFault>(faults[17].action).file, "availability.csv");
  EXPECT_EQ(
      std::get<LoseDataFault>(faults[18].action),
      (LoseDataFault{.at = seconds(7),
                     .peers = {.kind = PeerSelector::Kind::kRandom, .amount = std::int64_t{3}}}));
}

TEST(Faults, AreWrittenBackInFull) {
  const Scenario scenario = parse_scenario(with_faults(kEveryAction), "x.yaml");
  const std::string text = resolved_yaml(scenario);
  EXPECT_EQ(parse_scenario(text, "y.yaml"), scenario) << text;
  EXPECT_NE(text.find("faults:\n"
                      "  - at: 30s\n"
                      "    crash: {highest_degree: 10%}\n"
                      "    state: kept\n"
                      "  - at: 30s\n"
                      "    crash: [3]\n"
                      "    state: lost\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  - sessions:\n"
                      "      kind: weibull\n"
                      "      shape: 0.6\n"
                      "      scale: 600s\n"
                      "      off: 120s\n"
                      "    peers: all\n"
                      "    start: stationary\n"
                      "    state: kept\n"
                      "    until: 1h\n"),
            std::string::npos)
      << text;
  EXPECT_NE(resolved_yaml(least_with("")).find("\nfaults: []\n"), std::string::npos);
}

TEST(Faults, CanBeGivenByOverride) {
  const Scenario scenario = least_with("", {"faults=[{at: 3s, crash: [1]}]"});
  ASSERT_EQ(scenario.faults.size(), 1U);
  EXPECT_EQ(action_of(scenario.faults[0]), "crash");
  EXPECT_EQ(
      error_of(kLeast, {"faults=[{at: 3s, crash: [4]}]"}),
      "-c faults=[{at: 3s, crash: [4]}]: faults[0].crash: there is no peer 4; ids are 0 to 3");
}

TEST(Faults, AreListed) {
  const std::string text = listing_text("faults");
  EXPECT_TRUE(
      text.starts_with("faults (faults:, a list; an item has one of these keys)\n"
                       "  crash            Peers stop without a word.\n"
                       "    at               required    time in [0, 1e9]        when it happens\n"
                       "    crash            required    peers                   who\n"
                       "    state            kept        kept | lost             what they find "
                       "when they restart\n"))
      << text;
  EXPECT_NE(text.find("  clock_skew  "), std::string::npos);
  EXPECT_TRUE(listing_text("sessions")
                  .starts_with("sessions (faults.sessions:, no default)\n"
                               "  exponential  On times are exponential.\n"));
}

TEST(FaultErrors, AnItemHasOneAction) {
  const std::string actions =
      "crash, restart, leave, join, freeze, slow, link_down, partition, heal, outage, "
      "flash_crowd, rolling_restart, corrupt, lose_data, clock_skew, sessions, trace";
  expect_errors({
      {"  - {at: 1s, crsh: [3]}\n",
       "5:14: faults[0].crsh: unknown action; did you mean crash? valid: " + actions},
      {"  - {at: 1s}\n", "5:5: faults[0]: no action; valid: " + actions},
      {"  - {at: 1s, crash: [3], restart: [3]}\n",
       "5:26: faults[0].restart: a second action beside crash; an item has one, write two items"},
      {"  - crash\n", "5:5: faults[0]: expected a mapping, got \"crash\"; actions: " + actions},
      {"  - {at: 1s, freeze: [3], state: lost}\n",
       "5:27: faults[0].state: state belongs to crash, rolling_restart, sessions, trace, "
       "not freeze"},
      {"  {at: 1s, crash: [3]}\n", "4:1: faults: expected a list, got a mapping"},
  });
}

TEST(FaultErrors, AnItemSaysWhen) {
  expect_errors({
      {"  - {crash: [3]}\n", "5:5: faults[0].at: missing; when it happens"},
      {"  - {at: 1s, crash: [3]}\n  - {partition: [[0], [1]]}\n",
       "6:5: faults[1].at: missing; when it begins"},
      {"  - {at: 30, crash: [3]}\n",
       "5:6: faults[0].at: \"30\" has no unit (valid: ns, us, ms, s, min, h)"},
      {"  - {at: -1s, crash: [3]}\n", "5:6: faults[0].at: must be between 0 and 1e9, got -1s"},
      {"  - {at: 300000h, crash: [3]}\n",
       "5:6: faults[0].at: must be between 0 and 1e9, got 300000h"},
      {"  - {sessions: {kind: exponential, mean: 300000h}}\n",
       "5:36: faults[0].sessions.mean: must be between 0.001 and 1e9, got 300000h"},
      {"  - {at: 5s, crash: [3], until: 5s}\n",
       "5:26: faults[0].until: must be after at 5s, got 5s"},
      {"  - {at: 5s, slow: [3], until: 4s}\n",
       "5:25: faults[0].until: must be after at 5s, got 4s"},
      {"  - {at: 5s, partition: [[0], [1]], until: 1s}\n",
       "5:37: faults[0].until: must be after at 5s, got 1s"},
      {"  - {sessions: {kind: diurnal}, until: 0s}\n",
       "5:33: faults[0].until: must be above 0 and at most 1e9, got 0s"},
  });
}

TEST(FaultErrors, PeersMustExist) {
  expect_errors({
      {"  - {at: 1s, slow: [3]}\n  - {at: 1s, crash: [3, 9-20]}\n",
       "6:14: faults[1].crash: there is no peer 20; ids are 0 to 15"},
      {"  - {at: 1s, outage: {random: 17}}\n",
       "5:14: faults[0].outage: 17 peers of 16; the most is 16"},
      {"  - {sessions: {kind: diurnal}, peers: [16]}\n",
       "5:33: faults[0].peers: there is no peer 16; ids are 0 to 15"},
      {"  - {at: 1s, crash: []}\n",
       "5:14: faults[0].crash: an empty list chooses no peer; the least is one"},
      {"  - {at: 1s, link_down: [[0, 16]]}\n",
       "5:14: faults[0].link_down: there is no peer 16; ids are 0 to 15"},
      {"  - {at: 1s, partition: [[0-7], [8-16]]}\n",
       "5:14: faults[0].partition: there is no peer 16; ids are 0 to 15"},
  });
}

TEST(FaultErrors, ValuesMustBeInRange) {
  expect_errors({
      {"  - {at: 1s, slow: [3], factor: 0}\n",
       "5:25: faults[0].factor: must be between 0.001 and 1e6, got 0"},
      {"  - {at: 1s, slow: [3], factor: -2}\n",
       "5:25: faults[0].factor: must be between 0.001 and 1e6, got -2"},
      {"  - {at: 1s, corrupt: all, share: 150%}\n",
       "5:28: faults[0].share: must be between 0 and 1, got 150%"},
      {"  - {at: 1s, corrupt: all, share: -0.1}\n",
       "5:28: faults[0].share: must be between 0 and 1, got -0.1"},
      {"  - {at: 1s, heal: [3]}\n", "5:14: faults[0].heal: expected one of all, got a list"},
      {"  - {trace: \"\"}\n", "5:6: faults[0].trace: names a file, got \"\""},
      {"  - {sessions: {kind: pareto, shape: 1}}\n",
       "5:31: faults[0].sessions.shape: must be between 1.01 and 100, got 1"},
      {"  - {clock_skew: all, rate: -1}\n",
       "5:23: faults[0].rate: must be between -0.9 and 10, got -1"},
  });
}

TEST(FaultErrors, SidesAndLinksMustBeSound) {
  expect_errors({
      {"  - {at: 1s, partition: [[0-7], []]}\n",
       "5:14: faults[0].partition: side 2 is empty; the least is one peer"},
      {"  - {at: 1s, partition: []}\n",
       "5:14: faults[0].partition: no sides; write them like [[0-7], [8-15]]"},
      {"  - {at: 1s, partition: [[0-7], [7-9]]}\n",
       "5:14: faults[0].partition: peer 7 is on sides 1 and 2; the most is one"},
      {"  - {at: 1s, partition: [[0-15]]}\n",
       "5:14: faults[0].partition: one side has all 16 peers; the most is 15"},
      {"  - {at: 1s, partition: [0-7]}\n",
       "5:26: faults[0].partition[0]: expected a list of peers like [0, 8-15], got \"0-7\""},
      {"  - {at: 1s, partition: all}\n",
       "5:14: faults[0].partition: expected lists of peers like [[0-7], [8-15]], got \"all\""},
      {"  - {at: 1s, link_down: [[0, 1, 2]]}\n",
       "5:14: faults[0].link_down: a link is two peers like [0, 1], got [0, 1, 2]"},
      {"  - {at: 1s, link_down: [[0-1]]}\n",
       "5:14: faults[0].link_down: a link is two peers like [0, 1], got [0-1]"},
      {"  - {at: 1s, link_down: [[3, 3]]}\n",
       "5:14: faults[0].link_down: a link joins two different peers, got [3, 3]"},
      {"  - {at: 1s, link_down: []}\n",
       "5:14: faults[0].link_down: no links; write them like [[0, 1], [2, 3]]"},
  });
}

TEST(FaultErrors, PartitionsAndHealsMustFollowEachOther) {
  expect_errors({
      {"  - {at: 90s, heal: all}\n", "5:15: faults[0].heal: there is no partition to heal at 90s"},
      {"  - {at: 90s, heal: all}\n  - {at: 100s, partition: [[0]]}\n",
       "5:15: faults[0].heal: there is no partition to heal at 90s; faults[1].partition begins at "
       "100s"},
      {"  - {at: 1s, partition: [[0]], until: 9s}\n  - {at: 5s, heal: all}\n",
       "6:14: faults[1].heal: faults[0].partition heals by itself at 9s; give until or heal, "
       "not both"},
      {"  - {at: 1s, partition: [[0]], until: 9s}\n  - {at: 5s, partition: [[1]]}\n",
       "6:14: faults[1].partition: begins at 5s while faults[0].partition lasts until 9s; "
       "one at a time"},
      {"  - {at: 5s, partition: [[1]]}\n  - {at: 1s, partition: [[0]]}\n",
       "5:14: faults[0].partition: begins at 5s while faults[1].partition is not healed; "
       "one at a time"},
      {"  - {at: 1s, partition: [[0]]}\n  - {at: 5s, partition: [[1]]}\n  - {at: 5s, heal: all}\n",
       ""},
      {"  - {at: 1s, partition: [[0]], until: 5s}\n  - {at: 5s, partition: [[1]]}\n", ""},
  });
}

TEST(FaultErrors, ScriptedStatesMustNotContradictEachOther) {
  const std::string crash = "  - {at: 10s, crash: [2-3]}\n";
  expect_errors({
      {crash + "  - {at: 20s, crash: [3]}\n",
       "6:15: faults[1].crash: peer 3 is down at 20s already, by faults[0].crash at 10s"},
      {crash + "  - {at: 20s, leave: all}\n",
       "6:15: faults[1].leave: peer 2 is down at 20s already, by faults[0].crash at 10s"},
      {crash + "  - {at: 20s, freeze: [3]}\n",
       "6:15: faults[1].freeze: peer 3 is down at 20s already, by faults[0].crash at 10s; "
       "only a peer that is up can freeze"},
      {"  - {at: 20s, restart: [3]}\n",
       "5:15: faults[0].restart: peer 3 is up at 20s; only a peer that has crashed can restart"},
      {"  - {at: 10s, restart: [3]}\n  - {at: 20s, crash: [3]}\n",
       "5:15: faults[0].restart: peer 3 is up at 10s; only a peer that has crashed can restart"},
      {crash + "  - {at: 20s, join: [3]}\n",
       "6:15: faults[1].join: peer 3 has crashed (faults[0].crash); it comes back with restart"},
      {"  - {at: 10s, leave: [3]}\n  - {at: 20s, restart: [3]}\n",
       "6:15: faults[1].restart: peer 3 has left (faults[0].leave); it comes back with join"},
      {"  - {at: 10s, join: [3]}\n  - {at: 20s, join: [3]}\n",
       "6:15: faults[1].join: peer 3 is up at 20s; only a peer that has left can join"},
      {"  - {at: 10s, crash: [3], until: 30s}\n  - {at: 20s, restart: [3]}\n",
       "5:27: faults[0].until: peer 3 restarts before 30s already"},
      {"  - {at: 10s, freeze: [3], until: 30s}\n  - {at: 20s, freeze: [3]}\n",
       "6:15: faults[1].freeze: peer 3 is frozen already, by faults[0].freeze until 30s"},
      {"  - {at: 10s, freeze: [3]}\n  - {at: 20s, freeze: [3]}\n",
       "6:15: faults[1].freeze: peer 3 is frozen already, by faults[0].freeze"},
      // Sound ones: in any order, touching, frozen before a crash.
      {"  - {at: 20s, restart: [3]}\n  - {at: 10s, crash: [3]}\n", ""},
      {"  - {at: 10s, crash: [3], until: 20s}\n  - {at: 20s, crash: [3]}\n", ""},
      {"  - {at: 10s, freeze: [3], until: 20s}\n  - {at: 15s, crash: [3]}\n", ""},
      {"  - {at: 1s, join: [3]}\n  - {at: 5s, leave: [3]}\n  - {at: 9s, join: [3]}\n", ""},
      // Whom the first item chooses is not known yet.
      {"  - {at: 10s, crash: {random: 1}}\n  - {at: 20s, restart: [3]}\n", ""},
  });
}

}  // namespace
}  // namespace hearsay

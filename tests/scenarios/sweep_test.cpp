#include "scenarios/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "node/base/error.hpp"
#include "scenarios/loader.hpp"
#include "tests/scenarios/sample.hpp"

namespace hearsay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// A scenario whose eighth line is `sweep: ...`.
std::string with_sweep(const std::string& sweep) {
  return std::string(kLeast) +
         "topology: {kind: ring}\n"
         "protocol: {kind: dpsgd}\n"
         "network: {kind: links}\n"
         "training: {optimizer: {kind: sgd}}\n"
         "sweep: " +
         sweep + "\n";
}

Sweep sweep_of(const std::string& sweep, const std::vector<std::string>& overrides = {}) {
  return parse_sweep(with_sweep(sweep), "x.yaml", overrides);
}

std::string sweep_error(const std::string& sweep, const std::vector<std::string>& overrides = {}) {
  try {
    sweep_of(sweep, overrides);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> names_of(const Sweep& sweep) {
  std::vector<std::string> names;
  for (const SweepPoint& point : sweep.points) names.push_back(point.name);
  return names;
}

TEST(Sweep, IsTheGridOfItsAxesTheLastOneFastest) {
  const Sweep sweep = sweep_of("{peers: [4, 9], seed: [1, 2, 3]}");
  EXPECT_TRUE(sweep.errors.empty());
  EXPECT_EQ(sweep.name, "q");
  EXPECT_THAT(names_of(sweep), ElementsAre("peers=4,seed=1", "peers=4,seed=2", "peers=4,seed=3",
                                           "peers=9,seed=1", "peers=9,seed=2", "peers=9,seed=3"));
  EXPECT_EQ(sweep.points[4].scenario.peers, 9);
  EXPECT_EQ(sweep.points[4].scenario.seed, 2U);
  EXPECT_THAT(sweep.points[4].values, ElementsAre("9", "2"));
}

TEST(Sweep, PointsAreTheScenariosOfTheSameOverrides) {
  const Sweep sweep =
      sweep_of("{training.optimizer.lr: [0.1, 0.2], topology: [{kind: ring}, {kind: complete}]}");
  ASSERT_EQ(sweep.points.size(), 4U);
  EXPECT_EQ(sweep.points[3].scenario,
            parse_scenario(with_sweep(""), "x.yaml",
                           std::vector<std::string>{"training.optimizer.lr=0.2",
                                                    "topology={kind: complete}"}));
}

TEST(Sweep, SeedsOfPurposesFollowTheSeedOfThePoint) {
  const Sweep sweep = sweep_of("{seed: [5, 6]}");
  EXPECT_EQ(sweep.points[1].scenario.seeds.data, 6U);
}

TEST(Sweep, NestedKeysMeanTheSameAsDottedOnes) {
  EXPECT_EQ(names_of(sweep_of("{protocol: {rounds: [3, 4]}, seed: [1]}")),
            names_of(sweep_of("{protocol.rounds: [3, 4], seed: [1]}")));
}

TEST(Sweep, TakesItsAxesBesideOptions) {
  const Sweep sweep = sweep_of("{axes: {peers: [4, 9], seed: [1, 2]}, mode: zip}");
  EXPECT_THAT(names_of(sweep), ElementsAre("peers=4,seed=1", "peers=9,seed=2"));
}

TEST(Sweep, DrawsDistinctCombinationsAndGivesEachAllSeeds) {
  const std::string text =
      "{axes: {peers: [4, 5, 6, 7, 8, 9], seed: [1, 2], protocol.rounds: [1, 2, 3]}, "
      "sample: 5, sample_seed: ";
  const Sweep sweep = sweep_of(text + "1}");
  ASSERT_EQ(sweep.points.size(), 10U);
  std::set<std::string> combinations;
  for (const SweepPoint& point : sweep.points) {
    combinations.insert(point.values[0] + " " + point.values[2]);
  }
  EXPECT_EQ(combinations.size(), 5U);
  EXPECT_EQ(names_of(sweep), names_of(sweep_of(text + "1}")));
  EXPECT_NE(names_of(sweep), names_of(sweep_of(text + "2}")));
}

TEST(Sweep, DrawsEveryCombinationAboutEquallyOften) {
  std::vector<int> counts(6, 0);
  for (int seed = 0; seed < 150; ++seed) {
    const Sweep sweep = sweep_of("{axes: {peers: [4, 5, 6, 7, 8, 9]}, sample: 2, sample_seed: " +
                                 std::to_string(seed) + "}");
    ASSERT_EQ(sweep.points.size(), 2U);
    for (const SweepPoint& point : sweep.points) ++counts[std::stoi(point.values[0]) - 4];
  }
  // 150 draws of 2 of 6: 50 each, standard deviation sqrt(150 * 1/3 * 2/3) = 5.8.
  for (const int count : counts) EXPECT_NEAR(count, 50, 23);
}

TEST(Sweep, ASampleOfAllIsTheGrid) {
  EXPECT_EQ(names_of(sweep_of("{axes: {peers: [4, 9], seed: [1, 2]}, sample: 9}")),
            names_of(sweep_of("{peers: [4, 9], seed: [1, 2]}")));
}

TEST(Sweep, NamesAreSafeShortAndDistinct) {
  const Sweep sweep =
      sweep_of("{topology: [{kind: ring}, {kind: complete}], network.latency: [1ms, '1.5ms']}");
  EXPECT_THAT(names_of(sweep),
              UnorderedElementsAre("topology=kind-ring,network.latency=1ms",
                                   "topology=kind-ring,network.latency=1.5ms",
                                   "topology=kind-complete,network.latency=1ms",
                                   "topology=kind-complete,network.latency=1.5ms"));
  const Sweep long_ones =
      sweep_of("{name: [" + std::string(150, 'a') + "1, " + std::string(150, 'a') +
               "2], training.optimizer.lr: [0.1], protocol.rounds: [10]}");
  ASSERT_EQ(long_ones.points.size(), 2U);
  EXPECT_NE(long_ones.points[0].name, long_ones.points[1].name);
  EXPECT_LT(long_ones.points[0].name.size(), 255U);
}

TEST(Sweep, OverridesChangeWhatPointsHaveInCommon) {
  const Sweep sweep = sweep_of("{seed: [1, 2]}", {"peers=9", "sweep.seed=[3]"});
  ASSERT_EQ(sweep.points.size(), 1U);
  EXPECT_EQ(sweep.points[0].scenario.peers, 9);
  EXPECT_EQ(sweep.points[0].scenario.seed, 3U);
}

TEST(Sweep, FindsAllMistakesOfAllPointsOnceEach) {
  const Sweep sweep =
      sweep_of("{topology.kind: [rin, complete], protocol.rounds: [3, many], seed: [1, 2]}");
  EXPECT_THAT(sweep.errors, UnorderedElementsAre(
                                HasSubstr("x.yaml:8:25: topology.kind: no choice \"rin\"; did you "
                                          "mean ring?"),
                                HasSubstr("protocol.rounds: ")));
}

TEST(Sweep, FindsAnUnknownKeyWhereItsValueStands) {
  EXPECT_THAT(sweep_of("{protocol.round: [3]}").errors,
              ElementsAre(HasSubstr("x.yaml:8:26: protocol.round: unknown key; did you mean "
                                    "rounds?")));
}

TEST(Sweep, RefusesPointsThatAreOneScenario) {
  EXPECT_THAT(sweep_of("{network.latency: [1ms, 1000us]}").errors,
              ElementsAre("x.yaml:8:1: sweep: network.latency=1000us and network.latency=1ms are "
                          "the same scenario"));
}

TEST(SweepErrors, NameThePlaceAndWhatIsExpected) {
  EXPECT_EQ(sweep_error("{seed: 1}"),
            "x.yaml:8:9: sweep.seed: expected a list of the values that seed takes");
  EXPECT_EQ(sweep_error("[1, 2]"),
            "x.yaml:8:1: sweep: expected keys with lists of values, as in {seed: [1, 2, 3]}");
  EXPECT_EQ(sweep_error("{axes: {seed: []}}"),
            "x.yaml:8:16: sweep.axes.seed: the list is empty; give a value or more");
  EXPECT_EQ(sweep_error("{axes: {seed: [1, 2], peers: [4]}, mode: zip}"),
            "x.yaml:8:30: sweep.peers: has 1 values, but seed has 2; mode zip takes lists of one "
            "length");
  EXPECT_THAT(sweep_error("{axes: {seed: [1]}, mod: zip}"),
              HasSubstr("sweep.mod: unknown key; did you mean mode?"));
  EXPECT_THAT(sweep_error("{axes: {seed: [1]}, mode: zip, sample: 3}"),
              HasSubstr("draws from a grid"));
  EXPECT_THAT(sweep_error("{protocol.rounds: [3], protocol: {rounds: [4]}}"),
              HasSubstr("given twice"));
  EXPECT_THAT(sweep_error("{topology.kind: [ring], topology: [{kind: ring}]}"),
              HasSubstr("sweep.topology: replaces what the axis topology.kind sets"));
  EXPECT_EQ(sweep_error("{seed: [1, 2]}", {"seed=3"}),
            "-c seed=3: seed is an axis of the sweep; override sweep");
}

TEST(SweepErrors, AGridHasALimit) {
  std::string axes;
  for (const char* const key : {"seeds.data", "seeds.graph", "seeds.init", "seeds.training"}) {
    axes += std::string(axes.empty() ? "" : ", ") + key + ": [";
    for (int i = 0; i < 20; ++i) axes += std::to_string(i) + ",";
    axes += "]";
  }
  EXPECT_THAT(sweep_error("{" + axes + "}"), HasSubstr("more than 100000 runs"));
}

TEST(SweepErrors, AreThereWithoutASweep) {
  EXPECT_THROW(parse_sweep(kLeast, "x.yaml"), UserError);
  EXPECT_FALSE(describes_sweep(kLeast, "x.yaml"));
  EXPECT_TRUE(describes_sweep(with_sweep("{seed: [1]}"), "x.yaml"));
}

TEST(OneScenario, IsNoSweep) {
  EXPECT_THAT(error_of(with_sweep("{seed: [1, 2]}")),
              HasSubstr("x.yaml:8:1: sweep: describes several runs; run all with `hearsay sweep`"));
  // How the message says to run one point.
  EXPECT_EQ(parse_scenario(with_sweep("{seed: [1, 2]}"), "x.yaml",
                           std::vector<std::string>{"sweep=", "seed=2"})
                .seed,
            2U);
}

}  // namespace
}  // namespace hearsay

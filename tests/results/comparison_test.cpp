#include "results/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "node/base/error.hpp"
#include "results/comparison_text.hpp"

namespace hearsay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A run of a rule with two evaluations; the second one's accuracy is the one given.
ComparedRun run_of(const std::string& rule, int seed, double accuracy) {
  ComparedRun compared;
  compared.run.path = rule + "-s" + std::to_string(seed);
  compared.run.status = "done";
  compared.run.columns = {"round", "time_s", "accuracy_mean", "loss_mean", "bytes_sent"};
  compared.run.rows = {{10, 1.5, accuracy / 2, 0.5, 1000}, {20, 3, accuracy, 0.25, 2000}};
  compared.run.targets = {{.target = 0.5, .fraction_reached = 1.0, .time_s = 10 * accuracy}};
  compared.settings = {{"aggregator.kind", rule}, {"peers", "16"}};
  compared.seeds = {{"seed", std::to_string(seed)}, {"seeds.data", std::to_string(seed)}};
  return compared;
}

/// Runs of a rule, seeds 1, 2, ...
std::vector<ComparedRun> runs_of(const std::string& rule, const std::vector<double>& accuracies) {
  std::vector<ComparedRun> runs;
  for (std::size_t i = 0; i < accuracies.size(); ++i) {
    runs.push_back(run_of(rule, static_cast<int>(i) + 1, accuracies[i]));
  }
  return runs;
}

std::vector<ComparedRun> operator+(std::vector<ComparedRun> a, const std::vector<ComparedRun>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string error_of(const std::vector<ComparedRun>& runs, const ComparisonOptions& options = {}) {
  try {
    compare_runs(runs, options);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

const std::vector<double> kMixing = {0.70, 0.72, 0.68, 0.71, 0.69};
const std::vector<double> kBetter = {0.75, 0.78, 0.73, 0.77, 0.74};   // By 0.05 or 0.06.
const std::vector<double> kUnclear = {0.71, 0.70, 0.70, 0.69, 0.70};  // Up and down.

TEST(Compare, PairsMethodsBySeed) {
  // Another order of the runs of the second method.
  auto second = runs_of("median", kBetter);
  std::reverse(second.begin(), second.end());
  const Comparison comparison = compare_runs(runs_of("mixing", kMixing) + second, {});
  ASSERT_EQ(comparison.methods.size(), 2U);
  EXPECT_EQ(comparison.metric, "accuracy_mean");
  EXPECT_THAT(comparison.seeds, ElementsAre("seed=1", "seed=2", "seed=3", "seed=4", "seed=5"));
  const ComparedMethod& better = comparison.methods[1];
  EXPECT_EQ(better.label, "aggregator.kind=median");
  EXPECT_EQ(better.values, kBetter);
  // Differences 0.05, 0.06, 0.05, 0.06, 0.05.
  EXPECT_NEAR(better.difference.difference.mean, 0.054, 1e-12);
  EXPECT_EQ(better.doubt, "");
  EXPECT_TRUE(std::isnan(comparison.methods[0].difference.p));
}

TEST(Compare, CorrectsForTheNumberOfMethods) {
  const Comparison comparison = compare_runs(
      runs_of("mixing", kMixing) + runs_of("median", kBetter) + runs_of("krum", kUnclear), {});
  EXPECT_DOUBLE_EQ(comparison.methods[1].p_holm, 2 * comparison.methods[1].difference.p);
  EXPECT_EQ(comparison.methods[2].p_holm, comparison.methods[2].difference.p);
  EXPECT_EQ(comparison.methods[2].doubt, "interval contains 0");
}

TEST(Compare, DoubtsWhatTheCorrectionLeavesUnclear) {
  // Differences 1, 1, 0.2, 2, 2.8 (in hundredths): mean 1.4, squares about it 4.08,
  // t = 1.4 / sqrt(4.08 / 20) = 3.10, p = 0.036 alone, 0.072 as one of two.
  const auto runs = runs_of("mixing", {0.5, 0.5, 0.5, 0.5, 0.5}) +
                    runs_of("median", {0.51, 0.51, 0.502, 0.52, 0.528});
  EXPECT_EQ(compare_runs(runs, {}).methods[1].doubt, "");
  const auto more = runs + runs_of("krum", {0.51, 0.51, 0.502, 0.52, 0.528});
  EXPECT_EQ(compare_runs(more, {}).methods[1].doubt, "p (Holm) >= 0.05");
}

TEST(Compare, SupportsNothingBelowFivePairs) {
  const Comparison comparison = compare_runs(
      runs_of("mixing", {0.1, 0.2, 0.3, 0.4}) + runs_of("median", {0.6, 0.7, 0.8, 0.91}), {});
  EXPECT_LT(comparison.methods[1].p_holm, 0.001);
  EXPECT_EQ(comparison.methods[1].doubt, "n < 5");
}

TEST(Compare, LeavesOutAndNamesSeedsThatOneMethodLacks) {
  const Comparison comparison =
      compare_runs(runs_of("mixing", {0.1, 0.2, 0.3}) + runs_of("median", {0.4, 0.5}), {});
  EXPECT_THAT(comparison.seeds, ElementsAre("seed=1", "seed=2"));
  EXPECT_DOUBLE_EQ(comparison.methods[0].value.mean, (0.1 + 0.2) / 2);
  EXPECT_THAT(comparison.notes, ElementsAre("seed=3 left out: no run of aggregator.kind=median"));
}

TEST(Compare, LeavesOutAndNamesRunsWithoutAValueOrAnEnd) {
  auto runs = runs_of("mixing", {0.1, 0.2, 0.3}) + runs_of("median", {0.4, kMissing, 0.6});
  runs[2].run.status = "stalled";
  const Comparison comparison = compare_runs(runs, {});
  EXPECT_THAT(comparison.seeds, ElementsAre("seed=1"));
  EXPECT_THAT(comparison.notes,
              ElementsAre("mixing-s3 left out: stalled", "seed=2 left out: no value in median-s2",
                          "seed=3 left out: no run of aggregator.kind=mixing"));
}

TEST(Compare, SaysWhichKeysDiffer) {
  auto runs = runs_of("mixing", kMixing) + runs_of("median", kBetter);
  for (std::size_t i = 5; i < 10; ++i) runs[i].settings["aggregator.f"] = "2";
  const Comparison comparison = compare_runs(runs, {});
  ASSERT_EQ(comparison.keys.size(), 2U);
  EXPECT_EQ(comparison.keys[0].key, "aggregator.f");
  EXPECT_THAT(comparison.keys[0].values, ElementsAre("-", "2"));
  EXPECT_THAT(comparison.keys[1].values, ElementsAre("mixing", "median"));
  // A key that only one of the kinds has does not name the methods.
  EXPECT_EQ(comparison.methods[0].label, "aggregator.kind=mixing");
}

TEST(Compare, AveragesOverTheOtherKeysThatDiffer) {
  auto runs = runs_of("mixing", {0.1, 0.2}) + runs_of("median", {0.3, 0.4});
  auto many = runs_of("mixing", {0.5, 0.6}) + runs_of("median", {0.7, 0.8});
  for (ComparedRun& run : many) run.settings["peers"] = "64";
  for (ComparedRun& run : runs) {
    if (run.settings["aggregator.kind"] == "median") run.settings["aggregator.f"] = "1";
  }
  for (ComparedRun& run : many) {
    if (run.settings["aggregator.kind"] == "median") run.settings["aggregator.f"] = "1";
  }
  EXPECT_EQ(compare_runs(runs + many, {}).methods.size(), 4U);
  // The parameter f goes with its kind.
  const Comparison comparison = compare_runs(runs + many, {.by = {"aggregator.kind"}});
  ASSERT_EQ(comparison.methods.size(), 2U);
  // Two numbers of peers with one seed are no two repetitions.
  EXPECT_THAT(comparison.seeds, ElementsAre("seed=1", "seed=2"));
  EXPECT_DOUBLE_EQ(comparison.methods[0].values[0], (0.1 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(comparison.methods[1].values[1], (0.4 + 0.8) / 2);
  // A seed counts only with all numbers of peers.
  many.pop_back();
  EXPECT_THAT(compare_runs(runs + many, {.by = {"aggregator.kind"}}).notes,
              ElementsAre("seed=2 left out: no run of aggregator.kind=median with peers=64"));
}

TEST(Compare, NamesPurposesSeedsOnlyWhereTheyAreTheirOwn) {
  auto runs = runs_of("mixing", {0.1, 0.2}) + runs_of("median", {0.3, 0.4});
  for (ComparedRun& run : runs) run.seeds["seed"] = "1";
  EXPECT_THAT(compare_runs(runs, {}).seeds, ElementsAre("seeds.data=1", "seeds.data=2"));
}

TEST(Compare, TakesTheLastEvaluationWithinTheLimit) {
  const auto runs = runs_of("mixing", kMixing) + runs_of("median", kBetter);
  const auto value_at = [&](const CostLimit& limit) {
    return compare_runs(runs, {.limit = limit}).methods[1].values[0];
  };
  EXPECT_EQ(value_at({"round", 19}), kBetter[0] / 2);
  EXPECT_EQ(value_at({"round", 20}), kBetter[0]);
  EXPECT_EQ(value_at({"time_s", 2.9}), kBetter[0] / 2);
  EXPECT_EQ(value_at({"bytes_sent", 2000}), kBetter[0]);
  EXPECT_THAT(error_of(runs, {.limit = CostLimit{"round", 5}}), HasSubstr("nothing to compare"));
}

TEST(Compare, SaysThatRunsEndBeforeTheLimit) {
  const auto runs = runs_of("mixing", kMixing) + runs_of("median", kBetter);
  EXPECT_THAT(compare_runs(runs, {.limit = CostLimit{"round", 30}}).notes,
              ElementsAre("aggregator.kind=mixing: 5 of 5 runs: the last evaluation lies before "
                          "the limit",
                          "aggregator.kind=median: 5 of 5 runs: the last evaluation lies before "
                          "the limit"));
}

TEST(Compare, TakesTimesToATarget) {
  auto runs = runs_of("mixing", kMixing) + runs_of("median", kBetter);
  runs[0].run.targets[0].fraction_reached = 0.9;
  const Comparison comparison = compare_runs(runs, {.metric = "time_to_accuracy@0.5"});
  EXPECT_EQ(comparison.methods[1].values[0], 10 * kBetter[0]);
  ASSERT_EQ(comparison.notes.size(), 1U);
  EXPECT_THAT(comparison.notes[0], HasSubstr("mixing: 1 of 5 runs: not all peers reached"));
  EXPECT_THAT(error_of(runs, {.metric = "time_to_accuracy@0.6"}), HasSubstr("no value in"));
}

TEST(Compare, TakesTheBaselineThatIsNamed) {
  const auto runs = runs_of("mixing", kMixing) + runs_of("median", kBetter);
  const Comparison comparison = compare_runs(runs, {.baseline = "aggregator.kind=median"});
  EXPECT_EQ(comparison.baseline, 1U);
  EXPECT_NEAR(comparison.methods[0].difference.difference.mean, -0.054, 1e-12);
}

TEST(Compare, OneMethodHasNothingToDifferFrom) {
  const Comparison comparison = compare_runs(runs_of("mixing", kMixing), {});
  ASSERT_EQ(comparison.methods.size(), 1U);
  EXPECT_EQ(comparison.methods[0].value.n, 5U);
}

TEST(CompareErrors, NameWhatIsWrongAndWhatIsValid) {
  const auto runs = runs_of("mixing", kMixing) + runs_of("median", kBetter);
  EXPECT_EQ(error_of(runs, {.metric = "accuracy"}),
            "--metric accuracy: no column of mixing-s1/metrics.csv; valid: round, time_s, "
            "accuracy_mean, loss_mean, bytes_sent, time_to_accuracy@A");
  EXPECT_THAT(error_of(runs, {.metric = "time_to_accuracy@x"}), HasSubstr("time_to_accuracy@0.8"));
  EXPECT_EQ(error_of(runs, {.by = {"peers"}}),
            "--by peers: the runs do not differ in it; they differ in aggregator.kind");
  EXPECT_EQ(error_of(runs, {.baseline = "krum"}),
            "--baseline krum: no method; valid: aggregator.kind=mixing; aggregator.kind=median");
  EXPECT_EQ(error_of(runs + runs_of("median", {0.5})),
            "median-s1 and median-s1: two runs of one method with seed=1; leave out one");
  EXPECT_THAT(error_of({}), HasSubstr("no run is done"));
  auto apart = runs_of("mixing", {0.1});
  apart.push_back(run_of("median", 2, 0.2));
  EXPECT_THAT(error_of(apart), HasSubstr("no seed has a value in every method"));
}

TEST(ComparisonText, ShowsDifferencesWithTheirDoubts) {
  const Comparison comparison = compare_runs(
      runs_of("mixing", kMixing) + runs_of("median", kBetter) + runs_of("krum", kUnclear), {});
  const std::string table = comparison_table(comparison);
  EXPECT_THAT(table, HasSubstr("aggregator.kind=mixing  0.7000 ± 0.0196    baseline"));
  EXPECT_THAT(table, HasSubstr("+0.0540  [+0.0472, +0.0608]"));
  EXPECT_THAT(table, HasSubstr(" 0.0000  [-0.0232, +0.0232]"));
  EXPECT_THAT(table, HasSubstr("yes\n"));
  EXPECT_THAT(table, HasSubstr("no: interval contains 0\n"));
  EXPECT_THAT(table, HasSubstr("  aggregator.kind: mixing | median | krum\n"));
}

TEST(ComparisonText, HasTheSameNumbersInEveryForm) {
  const Comparison comparison =
      compare_runs(runs_of("mixing", {0.25, 0.5}) + runs_of("median", {0.5, 0.75}), {});
  const auto json = nlohmann::json::parse(comparison_json(comparison));
  EXPECT_EQ(json["methods"][1]["difference"], 0.25);
  EXPECT_EQ(json["methods"][1]["supported"], false);
  EXPECT_TRUE(json["methods"][0]["supported"].is_null());
  EXPECT_THAT(comparison_csv(comparison),
              HasSubstr("\naggregator.kind=median,accuracy_mean,2,0.625,"));
  EXPECT_THAT(comparison_csv(comparison), HasSubstr(",0.25,0,0,0,n < 5\n"));
}

}  // namespace
}  // namespace hearsay

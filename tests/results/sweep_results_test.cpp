#include "results/sweep_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "results/heat_map.hpp"

namespace hearsay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A run that is done, of a sweep over rule, attack and seed.
SweptRun run_of(const std::string& rule, const std::string& attack, int seed, double accuracy) {
  FinishedRun results;
  results.status = "done";
  results.columns = {"round", "time_s", "accuracy_mean", "loss_mean", "bytes_sent"};
  results.rows = {{20, 3, accuracy, 0.25, 2000}};
  results.event_digest = "cd";
  results.wall_seconds = 0.5;
  return {.point = rule + attack + std::to_string(seed),
          .values = {rule, attack, std::to_string(seed)},
          .status = "done",
          .error = "",
          .scenario_digest = "ab",
          .results = results};
}

SweepResults results_of(const std::vector<SweptRun>& runs) {
  return {.name = "rules", .keys = {{"rule"}, {"attack"}, {"seed", true}}, .runs = runs};
}

/// Two rules, three attacks, two seeds.
SweepResults rules_by_attacks() {
  return results_of({run_of("mean", "none", 1, 0.8), run_of("mean", "none", 2, 0.9),
                     run_of("mean", "flip", 1, 0.1), run_of("mean", "flip", 2, 0.2),
                     run_of("mean", "noise", 1, 0.3), run_of("mean", "noise", 2, 0.3),
                     run_of("krum", "none", 1, 0.7), run_of("krum", "none", 2, 0.7),
                     run_of("krum", "flip", 1, 0.6), run_of("krum", "flip", 2, 0.7),
                     run_of("krum", "noise", 1, 0.5), run_of("krum", "noise", 2, 0.5)});
}

SweptRun failed(const std::string& rule, const std::string& attack, int seed) {
  SweptRun run = run_of(rule, attack, seed, 0.0);
  run.status = "failed";
  run.error = "a, \"b\"";
  run.results.reset();
  return run;
}

TEST(SweepCsv, HasARowPerRunWithItsAxes) {
  SweepResults results = results_of({run_of("mean", "{kind: flip, f: 2}", 1, 0.8)});
  results.runs.push_back(failed("mean", "none", 2));
  results.runs[0].results->targets = {{.target = 0.5, .fraction_reached = 1.0, .time_s = 2.5}};
  EXPECT_EQ(sweep_csv(results),
            "point,rule,attack,seed,status,round,time_s,accuracy_mean,accuracy_sd,accuracy_min,"
            "loss_mean,consensus_distance,bytes_sent,fraction_reached@0.5,time_to_accuracy@0.5,"
            "scenario_digest,model_digest,event_digest,error,wall_seconds\n"
            "\"mean{kind: flip, f: 2}1\",mean,\"{kind: flip, f: 2}\",1,done,20,3,0.8,,,0.25,,2000,"
            "1,2.5,ab,,cd,,0.5\n"
            "meannone2,mean,none,2,failed,,,,,,,,,,,ab,,,\"a, \"\"b\"\"\",\n");
}

TEST(SweepGrids, HoldMeansOverSeeds) {
  const std::vector<SweepGrid> grids = sweep_grids(rules_by_attacks());
  ASSERT_EQ(grids.size(), 1U);
  EXPECT_EQ(grids[0].metric, "accuracy_mean");
  EXPECT_EQ(grids[0].row_key, "rule");
  EXPECT_EQ(grids[0].column_key, "attack");
  EXPECT_THAT(grids[0].rows, ElementsAre("mean", "krum"));
  EXPECT_THAT(grids[0].columns, ElementsAre("none", "flip", "noise"));
  EXPECT_DOUBLE_EQ(grids[0].cells[0][1].mean, 0.15);
  EXPECT_DOUBLE_EQ(grids[0].cells[1][2].mean, 0.5);
  EXPECT_EQ(grids[0].cells[0][0].n, 2U);
}

TEST(SweepGrids, LeaveOutRunsThatAreNotDone) {
  SweepResults results = rules_by_attacks();
  results.runs[0] = failed("mean", "none", 1);
  results.runs[1].status = "stalled";
  const SweepGrid grid = sweep_grids(results)[0];
  EXPECT_EQ(grid.cells[0][0].n, 0U);
  EXPECT_TRUE(std::isnan(grid.cells[0][0].mean));
}

TEST(SweepGrids, AreOnePerPairOfAxesThatAreNoSeeds) {
  SweepResults results = rules_by_attacks();
  results.keys.push_back({"peers"});
  for (SweptRun& run : results.runs) run.values.emplace_back("16");
  const std::vector<SweepGrid> grids = sweep_grids(results);
  ASSERT_EQ(grids.size(), 3U);
  EXPECT_THAT(grids[0].averaged_over, ElementsAre("peers"));
  EXPECT_EQ(grids[2].row_key, "attack");
  EXPECT_EQ(grids[2].column_key, "peers");
  results.is_grid = false;
  EXPECT_TRUE(sweep_grids(results).empty());
}

TEST(SweepGrids, AreOfTheLossWhereNoAccuracyWasMeasured) {
  SweepResults results = rules_by_attacks();
  for (SweptRun& run : results.runs) run.results->rows[0][2] = kMissing;
  const SweepGrid grid = sweep_grids(results)[0];
  EXPECT_EQ(grid.metric, "loss_mean");
  EXPECT_TRUE(grid.lower_is_better);
}

TEST(SweepTables, GiveEveryCombinationItsIntervalOverSeeds) {
  const std::string text = sweep_tables(rules_by_attacks());
  EXPECT_THAT(text, HasSubstr("12 of 12 runs are done"));
  EXPECT_THAT(text, HasSubstr("| rule | attack | n | accuracy_mean | loss_mean | time_s |"));
  // 0.8 and 0.9: s / sqrt 2 = 0.05, times 12.7062.
  EXPECT_THAT(text, HasSubstr("| mean | none | 2 | 0.8500 ± 0.6353 |"));
  EXPECT_THAT(text, Not(HasSubstr("Not counted")));
}

TEST(SweepTables, MarkTheBestTheWorstAndTheWorstCaseOfARow) {
  const std::string text = sweep_tables(rules_by_attacks());
  EXPECT_THAT(text, HasSubstr("| mean | **0.8500 ± 0.6353** | _0.1500 ± 0.6353_ | "
                              "0.3000 ± 0.0000 | 0.1500 (flip) |\n"));
  EXPECT_THAT(text, HasSubstr("| 0.5000 (noise) |\n"));
}

TEST(SweepTables, TakeTheLargestLossAsTheWorst) {
  SweepResults results = rules_by_attacks();
  for (SweptRun& run : results.runs) {
    run.results->rows[0][3] = run.results->rows[0][2];
    run.results->rows[0][2] = kMissing;
  }
  EXPECT_THAT(sweep_tables(results), HasSubstr("| 0.8500 (none) |\n"));
}

TEST(SweepTables, NameWhatIsNotCounted) {
  SweepResults results = rules_by_attacks();
  results.runs[0] = failed("mean", "none", 1);
  EXPECT_THAT(sweep_tables(results), HasSubstr("11 of 12 runs are done"));
  EXPECT_THAT(sweep_tables(results), HasSubstr("* meannone1: failed, a, \"b\"\n"));
  EXPECT_THAT(sweep_tables(results), HasSubstr("| mean | none | 1 | 0.9000 |"));
}

TEST(SweepTables, CallTimesThatSomePeersNeverReachedLowerBounds) {
  SweepResults results = results_of({run_of("mean", "none", 1, 0.8)});
  results.runs[0].results->targets = {{.target = 0.5, .fraction_reached = 0.9, .time_s = 2.5}};
  EXPECT_THAT(sweep_tables(results), HasSubstr("| ≥ 2.50 s |"));
}

TEST(HeatMap, ShowsEveryMeanInLettersThatStandOut) {
  const std::string script = heat_map_script(sweep_grids(rules_by_attacks())[0], "map.svg");
  EXPECT_THAT(script, HasSubstr("set output 'map.svg'\n"));
  EXPECT_THAT(script, HasSubstr("set xtics ('none' 0, 'flip' 1, 'noise' 2)"));
  // The best is bright with black letters, the worst dark with white ones.
  EXPECT_THAT(script, HasSubstr("\n0 0 0.8500000000000001 \"0.8500\" 0\n"));
  EXPECT_THAT(script, HasSubstr("\n1 0 0.15000000000000002 \"0.1500\" 16777215\n"));
  EXPECT_THAT(script, Not(HasSubstr("logscale")));
}

TEST(HeatMap, ColorsLossesOfManyMagnitudesByTheirLogarithm) {
  SweepGrid grid{.metric = "loss_mean",
                 .lower_is_better = true,
                 .row_key = "a",
                 .column_key = "it's",
                 .rows = {"x"},
                 .columns = {"p", "q", "r"}};
  grid.cells = {{{.n = 1, .mean = 1e-6}, {.n = 1, .mean = 1.0}, {}}};
  const std::string script = heat_map_script(grid, "map.svg");
  EXPECT_THAT(script, HasSubstr("set logscale cb\nset cbrange [1e-06:1]\n"));
  EXPECT_THAT(script, HasSubstr("\n2 0 NaN \"-\" 0\n"));
  EXPECT_THAT(script, HasSubstr("set xlabel 'it''s' noenhanced\n"));
}

}  // namespace
}  // namespace hearsay

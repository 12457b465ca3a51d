#include "results/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace hearsay {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<MetricsRow> three_rows() {
  return {{.round = 0,
           .time = SimTime{0},
           .accuracy_mean = 0.1,
           .accuracy_sd = 0.0,
           .accuracy_min = 0.1,
           .accuracy_max = 0.1,
           .loss_mean = 2.302585,
           .consensus_distance = 0.0,
           .bytes_sent = 0},
          {.round = 10,
           .time = SimTime{25'300'000'000},
           .accuracy_mean = 0.61234,
           .accuracy_sd = 0.0123,
           .accuracy_min = 0.59,
           .accuracy_max = 0.63,
           .loss_mean = 1.05,
           .consensus_distance = 1.234e-5,
           .bytes_sent = 123'456'789},
          {.round = 120, .time = SimTime{303'600'000'000}, .bytes_sent = 1'481'481'468}};
}

Summary sample_summary() {
  Summary summary;
  summary.wall_seconds = 12.345;
  summary.cpu_seconds = 23.1;
  summary.training_seconds = 20.0;
  summary.aggregation_seconds = 1.5;
  summary.evaluation_seconds = 0.25;
  summary.peak_rss_bytes = 512'345'678;
  summary.train_samples = 1'600'000;
  summary.train_samples_per_second = 129'607.1;
  summary.events = 123'456;
  summary.events_per_second = 10'000.4;
  summary.messages = 3'840;
  summary.messages_dropped = 12;
  summary.messages_late = 4;
  summary.messages_refused = 3;
  summary.bytes_sent = 1'481'481'468;
  summary.model_digest = 0xABC;
  summary.event_digest = 0xFEDCBA9876543210;
  return summary;
}

TEST(RunTable, IsAlignedTextWithUnits) {
  const Summary summary = sample_summary();
  const std::string golden =
      "round  virtual time     accuracy mean ± sd [min, max]    loss  consensus distance     sent\n"
      "    0           0 s  0.1000 ± 0.0000 [0.1000, 0.1000]  2.3026              0.0000      0 B\n"
      "   10        25.3 s  0.6123 ± 0.0123 [0.5900, 0.6300]  1.0500            1.23e-05   123 MB\n"
      "  120     5 min 4 s                                 -       -                   -  1.48 GB\n"
      "\n"
      "messages      3,840 sent, 12 dropped, 4 late, 3 refused\n"
      "bytes         1.48 GB sent\n"
      "training      1,600,000 samples, 129,607 samples/s\n"
      "events        123,456, 10,000 events/s\n"
      "wall time     12.3 s\n"
      "CPU time      23.1 s (training 20.0 s, aggregation 1.50 s, evaluation 250 ms)\n"
      "peak RSS      512 MB\n"
      "model digest  0000000000000abc\n"
      "event digest  fedcba9876543210\n"
      "results       results/runs/quickstart-s1\n";
  EXPECT_EQ(run_table(three_rows(), summary, "results/runs/quickstart-s1"), golden);
}

TEST(RunTable, ShowsTheTimesToEachTargetOnThreeClocks) {
  Summary summary = sample_summary();
  summary.time_to_accuracy = {{.target = 0.5,
                               .peers = 16,
                               .censored = 1,
                               .fraction_reached = 0.9375,
                               .rounds = {.node_averaged = 12.5,
                                          .median = 10.0,
                                          .p95 = kMissing,
                                          .slowest = kMissing,
                                          .straggler_ratio = 0.6127},
                               .seconds = {.node_averaged = 20.0,
                                           .median = 21.5,
                                           .p95 = 65.0,
                                           .slowest = 70.0,
                                           .straggler_ratio = 0.2857},
                               .bytes_received = {.node_averaged = 31'234'567.0,
                                                  .median = 3.2e6,
                                                  .p95 = 4.1e7,
                                                  .slowest = 4.2e7,
                                                  .straggler_ratio = 0.7437}},
                              {.target = 0.95}};
  EXPECT_THAT(
      run_table(three_rows(), summary, "x"),
      HasSubstr(
          "\n\n"
          "accuracy  reached  censored         clock     mean   median        p95     slowest  "
          "straggler ratio\n"
          "     0.5    93.8%         1        rounds     12.5     10.0          -           -  "
          "          0.613\n"
          "                             virtual time   20.0 s   21.5 s  1 min 5 s  1 min 10 s  "
          "          0.286\n"
          "                                 received  31.2 MB  3.20 MB    41.0 MB     42.0 MB  "
          "          0.744\n"
          "    0.95     0.0%         0        rounds        -        -          -           -  "
          "              -\n"
          "                             virtual time        -        -          -           -  "
          "              -\n"
          "                                 received        -        -          -           -  "
          "              -\n"
          "\n"));
}

TEST(RunTable, ShowsWhatFaultsCostTheFirstFive) {
  Summary summary = sample_summary();
  EXPECT_THAT(run_table(three_rows(), summary, "x"), Not(HasSubstr("recovered")));
  summary.recovery = {
      {.fault = "crash of 5 peers",
       .time_s = 12.0,
       .accuracy_before = 0.8,
       .accuracy_lowest = 0.61234,
       .recovery_s = 3.4},
      {.fault = "partition", .time_s = 90.0, .accuracy_before = 0.85, .accuracy_lowest = 0.7},
      {.fault = "freeze of peer 3", .time_s = 0.5}};
  EXPECT_THAT(run_table(three_rows(), summary, "x"),
              HasSubstr("\n\n"
                        "crash of 5 peers at 12.0 s: accuracy 0.8000, at the lowest 0.6123, "
                        "recovered after 3.40 s\n"
                        "partition at 1 min 30 s: accuracy 0.8500, at the lowest 0.7000, "
                        "not recovered\n"
                        "freeze of peer 3 at 500 ms: accuracy was not measured before\n\n"));
  summary.recovery.assign(12, {.fault = "crash", .accuracy_before = 0.5});
  const std::string text = run_table(three_rows(), summary, "x");
  EXPECT_THAT(text, HasSubstr("(5 of 12 faults; all are in summary.json)\n"));
  std::size_t lines = 0;
  for (auto at = text.find("crash at"); at != text.npos; at = text.find("crash at", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 5U);
}

TEST(RunTable, ShowsHowTheRunWentWhereThereIsSomethingToSay) {
  Summary summary = sample_summary();
  summary.steps = 900;
  summary.staleness = {1'200};
  summary.churn = {.live_peers = 16, .most_components = 1};
  std::string text = run_table(three_rows(), summary, "x");
  for (const char* const line : {"\npeers ", "staleness", "network", "wasted", "idle"}) {
    EXPECT_THAT(text, Not(HasSubstr(line)));
  }
  summary.wasted_steps = 100;
  summary.idle_share = 0.125;
  summary.staleness = {1'200, 0, 31, 0, 0, 0, 0, 2};
  summary.network = {
      .busiest_share = 0.5, .longest_wait_s = 0.012, .retransmissions = 1'003, .duplicates = 4};
  summary.churn = {.live_peers = 14, .lost_peers = 2, .most_components = 3};
  text = run_table(three_rows(), summary, "x");
  for (const char* const line :
       {"peers         14 live at the end, 2 lost, components at most: 3\n",
        "staleness     models combined by rounds behind:  0: 1,200  2: 31  7+: 2\n",
        "network       busiest link in use 50.0% of the time, longest wait 12.0 ms, 1,003 resent, "
        "4 doubled\n",
        "wasted        100 local steps lost in crashes, 10.0% of all\n",
        "idle          12.5% of the peers' time\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(RunTable, NotesWhatWentWrong) {
  Summary summary = sample_summary();
  EXPECT_THAT(run_table(three_rows(), summary, "x"), Not(HasSubstr("note:")));
  summary.status = RunStatus::kInterrupted;
  EXPECT_THAT(run_table(three_rows(), summary, "x"), HasSubstr("note: interrupted before its end"));
  summary.status = RunStatus::kStalled;
  EXPECT_THAT(run_table(three_rows(), summary, "x"), HasSubstr("note: stalled"));
  summary.diverged_peers = {{.peer = 3, .round = 7}};
  EXPECT_THAT(run_table(three_rows(), summary, "x"),
              HasSubstr("note: 1 peer diverged (model no longer finite): peer 3 in round 7\n"));
  summary.diverged_peers.assign(6, {.peer = 4, .round = 8});
  EXPECT_THAT(run_table(three_rows(), summary, "x"), HasSubstr("note: 6 peers diverged"));
  EXPECT_THAT(run_table(three_rows(), summary, "x"), HasSubstr("peer 4 in round 8, ...\n"));
}

TEST(RunTable, ShowsTheValidationAccuracyIfThereIsOne) {
  Summary summary = sample_summary();
  EXPECT_THAT(run_table(three_rows(), summary, "x"), Not(HasSubstr("validation")));
  summary.validation_accuracy_mean = 0.71;
  EXPECT_THAT(run_table(three_rows(), summary, "x"),
              HasSubstr("validation    0.7100 mean accuracy on held-out samples\n"));
}

TEST(RunTable, SaysSoIfThereWasNoEvaluation) {
  EXPECT_THAT(run_table({}, sample_summary(), "x"), HasSubstr("No evaluation took place.\n"));
}

TEST(RunTable, ShowsTwentyOfManyRowsWithBothEnds) {
  std::vector<MetricsRow> rows(1000);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].round = 5'000 + static_cast<int>(i);
  const std::string text = run_table(rows, sample_summary(), "x");
  EXPECT_THAT(text, HasSubstr("\n 5000  "));
  EXPECT_THAT(text, HasSubstr("\n 5999  "));
  EXPECT_THAT(text, HasSubstr("(20 of 1000 evaluation points; all are in metrics.csv)\n"));
  // The header, twenty rows, the line above.
  const std::string points = text.substr(0, text.find("\n\n") + 1);
  EXPECT_EQ(std::ranges::count(points, '\n'), 22);
}

}  // namespace
}  // namespace hearsay

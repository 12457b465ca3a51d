#include "results/summary_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace hearsay {
namespace {

using Json = nlohmann::json;

// No two values are alike, so that swapped fields show.
TimeToAccuracy sample_time() {
  return {.target = 0.5,
          .peers = 16,
          .censored = 4,
          .fraction_reached = 0.75,
          .rounds = {.node_averaged = 3.5, .median = 3.0, .p95 = 5.0, .straggler_ratio = 0.25},
          .seconds = {.node_averaged = 1.5,
                      .median = 1.25,
                      .p95 = 2.5,
                      .slowest = 2.75,
                      .straggler_ratio = 0.125},
          .bytes_received = {.node_averaged = 1500.0,
                             .median = 1250.0,
                             .p95 = 2500.0,
                             .slowest = 2750.0,
                             .straggler_ratio = 0.375}};
}

Summary sample_summary() {
  Summary summary;
  summary.status = RunStatus::kInterrupted;
  summary.final_row = MetricsRow{.round = 10, .time = SimTime{2'300'000'000}, .live_peers = 17};
  summary.time_to_accuracy = {sample_time()};
  summary.recovery = {{.fault = "crash of 5 peers",
                       .time_s = 12.0,
                       .accuracy_before = 0.875,
                       .accuracy_lowest = 0.5,
                       .recovery_s = 3.25}};
  summary.validation_accuracy_mean = 0.625;
  summary.diverged_peers = {{.peer = 4, .round = 17}};
  summary.wall_seconds = 1.0;
  summary.cpu_seconds = 2.0;
  summary.training_seconds = 3.0;
  summary.aggregation_seconds = 4.0;
  summary.evaluation_seconds = 5.0;
  summary.peak_rss_bytes = 6;
  summary.train_samples = 7;
  summary.train_samples_per_second = 8.0;
  summary.steps = 90;
  summary.wasted_steps = 30;
  summary.idle_share = 0.1875;
  summary.events = 9;
  summary.events_per_second = 10.0;
  summary.messages = 11;
  summary.messages_dropped = 12;
  summary.messages_late = 21;
  summary.messages_refused = 13;
  summary.bytes_sent = 14;
  summary.staleness = {31, 32, 33, 34, 35, 36, 37, 38};
  summary.network = {
      .busiest_share = 0.4375, .longest_wait_s = 0.5, .retransmissions = 15, .duplicates = 16};
  summary.churn = {.live_peers = 18, .lost_peers = 19, .most_components = 20};
  summary.attacks = {
      .attackers = 22, .most_attacking_neighbors = 23, .models_combined = 24, .influence = 0.5625};
  summary.models_not_finite = 25;
  summary.infeasible_aggregations = 26;
  summary.model_digest = 0xABC;
  summary.event_digest = 0xFEDCBA9876543210;
  return summary;
}

TEST(SummaryText, HoldsEveryDocumentedField) {
  Json json = Json::parse(to_json(sample_summary()));
  EXPECT_EQ(json["final"]["round"], 10);
  EXPECT_EQ(json["final"]["time_s"], 2.3);
  EXPECT_EQ(json["final"]["live_peers"], 17);
  EXPECT_TRUE(json["final"].at("accuracy_mean").is_null());
  json.erase("final");

  // 30 of 90 + 30 steps were wasted: 0.25.
  const Json expected = Json::parse(R"({
    "status": "interrupted",
    "time_to_accuracy": [{"target": 0.5, "peers": 16, "censored": 4, "fraction_reached": 0.75,
      "rounds": {"node_averaged": 3.5, "median": 3.0, "p95": 5.0, "slowest": null,
        "straggler_ratio": 0.25},
      "time_s": {"node_averaged": 1.5, "median": 1.25, "p95": 2.5, "slowest": 2.75,
        "straggler_ratio": 0.125},
      "bytes_received": {"node_averaged": 1500.0, "median": 1250.0, "p95": 2500.0,
        "slowest": 2750.0, "straggler_ratio": 0.375}}],
    "recovery": [{"fault": "crash of 5 peers", "time_s": 12.0, "accuracy_before": 0.875,
      "accuracy_lowest": 0.5, "recovery_s": 3.25}],
    "validation_accuracy_mean": 0.625,
    "diverged_peers": [{"peer": 4, "round": 17}],
    "wall_seconds": 1.0, "cpu_seconds": 2.0, "training_seconds": 3.0, "aggregation_seconds": 4.0,
    "aggregation_share": 2.0, "evaluation_seconds": 5.0, "peak_rss_bytes": 6, "train_samples": 7,
    "train_samples_per_second": 8.0, "steps": 90, "wasted_steps": 30, "wasted_share": 0.25,
    "idle_share": 0.1875, "events": 9, "events_per_second": 10.0, "messages": 11,
    "messages_dropped": 12, "messages_late": 21, "messages_refused": 13, "bytes_sent": 14,
    "staleness": [31, 32, 33, 34, 35, 36, 37, 38],
    "network": {"busiest_share": 0.4375, "longest_wait_s": 0.5, "retransmissions": 15,
      "duplicates": 16},
    "churn": {"live_peers": 18, "lost_peers": 19, "most_components": 20},
    "attacks": {"attackers": 22, "most_attacking_neighbors": 23, "models_combined": 24,
      "influence": 0.5625},
    "models_not_finite": 25, "infeasible_aggregations": 26,
    "model_digest": "0000000000000abc", "event_digest": "fedcba9876543210"})");
  EXPECT_EQ(json, expected) << json.dump(2);
}

TEST(SummaryText, KeepsTheKeysOfWhatIsMissing) {
  Summary summary;
  summary.time_to_accuracy = {{.target = 0.9}};
  summary.recovery = {{.fault = "partition"}};
  const Json json = Json::parse(to_json(summary));
  EXPECT_EQ(json["status"], "done");
  for (const char* const key :
       {"final", "validation_accuracy_mean", "wasted_share", "idle_share", "model_digest"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
  EXPECT_TRUE(json.at("time_to_accuracy").at(0).at("rounds").at("median").is_null());
  EXPECT_TRUE(json.at("recovery").at(0).at("recovery_s").is_null());
  EXPECT_TRUE(json.at("network").at("busiest_share").is_null());
  EXPECT_EQ(json.at("diverged_peers"), Json::array());
  EXPECT_EQ(Json::parse(to_json(Summary{})).at("recovery"), Json::array());
}

TEST(SummaryText, OneLineHoldsTheSame) {
  const std::string line = to_json_line(sample_summary());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(Json::parse(line)["summary"], Json::parse(to_json(sample_summary())));
}

TEST(SummaryText, NumbersReadBackExactly) {
  Summary summary;
  summary.wall_seconds = 0.1 + 0.2;
  summary.cpu_seconds = 1.7976931348623157e308;
  summary.training_seconds = 5e-324;
  const Json json = Json::parse(to_json(summary));
  EXPECT_EQ(json["wall_seconds"].get<double>(), summary.wall_seconds);
  EXPECT_EQ(json["cpu_seconds"].get<double>(), summary.cpu_seconds);
  EXPECT_EQ(json["training_seconds"].get<double>(), summary.training_seconds);
}

TEST(SummaryText, TextThatIsNotUtf8DoesNotBreakIt) {
  Summary summary;
  summary.recovery = {{.fault = "crash\xff"}};
  EXPECT_EQ(Json::parse(to_json_line(summary))["summary"]["recovery"][0]["fault"], "crash\uFFFD");
}

TEST(SummaryText, WasteIsAShareOfAllSteps) {
  EXPECT_TRUE(std::isnan(Summary{}.wasted_share()));
  Summary summary;
  summary.wasted_steps = 5;
  EXPECT_EQ(summary.wasted_share(), 1.0);
}

}  // namespace
}  // namespace hearsay

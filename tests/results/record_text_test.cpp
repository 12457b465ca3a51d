#include "results/record_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hearsay {
namespace {

using Json = nlohmann::json;

std::vector<std::string> cells_of(const std::string& line) {
  EXPECT_EQ(line.back(), '\n');
  std::vector<std::string> cells;
  std::string cell;
  for (const char c : line.substr(0, line.size() - 1)) {
    if (c == ',') {
      cells.push_back(cell);
      cell.clear();
    } else {
      cell += c;
    }
  }
  cells.push_back(cell);
  return cells;
}

// No two values are alike, so that swapped columns show.
MetricsRow sample_row() {
  return {.round = 10,
          .time = SimTime{2'300'000'000},
          .peers = 15,
          .accuracy_mean = 0.1 + 0.2,
          .accuracy_sd = 1.0 / 3.0,
          .accuracy_min = 0.01,
          .accuracy_p10 = 0.02,
          .accuracy_p50 = 0.03,
          .accuracy_p90 = 0.04,
          .accuracy_max = 0.05,
          .accuracy_before_mixing = 0.06,
          .accuracy_mean_model = 0.07,
          .accuracy_local = 0.08,
          .loss_mean = 2.302585092994046,
          .consensus_distance = 1e-7,
          .bytes_sent = 9'007'199'254'740'993,
          .messages_sent = 301,
          .messages_dropped = 302,
          .staleness_mean = 0.5};
}

TEST(RecordText, HeadersAreTheDocumentedColumns) {
  EXPECT_EQ(metrics_csv_header(),
            "round,time_s,peers,accuracy_mean,accuracy_sd,accuracy_min,accuracy_p10,accuracy_p50,"
            "accuracy_p90,accuracy_max,accuracy_before_mixing,accuracy_mean_model,accuracy_local,"
            "loss_mean,consensus_distance,bytes_sent,messages_sent,messages_dropped,"
            "staleness_mean\n");
  EXPECT_EQ(peers_csv_header(),
            "round,time_s,peer,role,alive,accuracy,loss,samples,steps,bytes_sent,"
            "bytes_received\n");
}

TEST(RecordText, MetricsRowIsInTheOrderOfItsHeader) {
  EXPECT_EQ(to_csv(sample_row()),
            "10,2.3,15,0.30000000000000004,0.3333333333333333,0.01,0.02,0.03,0.04,0.05,0.06,0.07,"
            "0.08,2.302585092994046,1e-07,9007199254740993,301,302,0.5\n");
}

TEST(RecordText, PeerRowIsInTheOrderOfItsHeader) {
  const PeerRow row{.round = 3,
                    .time = SimTime{1},
                    .peer = 7,
                    .role = "honest",
                    .alive = false,
                    .accuracy = 0.75,
                    .loss = 0.5,
                    .samples = 600,
                    .steps = 30,
                    .bytes_sent = 1000,
                    .bytes_received = 2000};
  EXPECT_EQ(to_csv(row), "3,1e-09,7,honest,0,0.75,0.5,600,30,1000,2000\n");
}

TEST(RecordText, MissingNumbersAreEmptyCells) {
  const auto cells = cells_of(to_csv(MetricsRow{.round = 1}));
  ASSERT_EQ(cells.size(), cells_of(metrics_csv_header()).size());
  EXPECT_EQ(cells[0], "1");
  EXPECT_EQ(cells[3], "");
  EXPECT_EQ(cells.back(), "");
  EXPECT_EQ(cells_of(to_csv(PeerRow{}))[5], "");
}

TEST(RecordText, TextThatWouldEndACellIsQuoted) {
  PeerRow row;
  row.role = "says \"no\", often";
  EXPECT_NE(to_csv(row).find(",\"says \"\"no\"\", often\","), std::string::npos);
}

TEST(RecordText, EventsAreOneJsonObjectPerLine) {
  const EventRecord event{
      .time = SimTime{1'500'000'000},
      .wall_seconds = 0.25,
      .kind = "refused",
      .peer = 3,
      .details = {{"reason", std::string("two\nlines")}, {"from", std::int64_t{9}}, {"norm", 0.5}}};
  EXPECT_EQ(to_json_line(event), R"({"time_s":1.5,"wall_s":0.25,"kind":"refused","peer":3,)"
                                 R"("details":{"reason":"two\nlines","from":9,"norm":0.5}})"
                                 "\n");
}

TEST(RecordText, EventsLeaveOutWhatTheyDoNotHave) {
  EXPECT_EQ(to_json_line({.time = SimTime{0}, .wall_seconds = 1.0, .kind = "heal"}),
            "{\"time_s\":0.0,\"wall_s\":1.0,\"kind\":\"heal\"}\n");
}

TEST(RecordText, TextThatIsNotUtf8DoesNotBreakAnEvent) {
  const EventRecord event{.kind = "refused", .details = {{"bytes", std::string("a\xff")}}};
  const Json json = Json::parse(to_json_line(event));
  EXPECT_EQ(json["details"]["bytes"], "a\uFFFD");
}

TEST(RecordText, SummaryHoldsEveryDocumentedField) {
  Summary summary;
  summary.status = RunStatus::kInterrupted;
  summary.final_row = sample_row();
  summary.time_to_accuracy = {{.target = 0.5,
                               .node_averaged_s = 1.5,
                               .median_s = 1.25,
                               .p95_s = 2.5,
                               .slowest_s = 3.5,
                               .fraction_reached = 0.75}};
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
  summary.events = 9;
  summary.events_per_second = 10.0;
  summary.messages = 11;
  summary.messages_dropped = 12;
  summary.messages_refused = 13;
  summary.bytes_sent = 14;
  summary.model_digest = 0xABC;
  summary.event_digest = 0xFEDCBA9876543210;

  const Json json = Json::parse(to_json(summary));
  const Json expected = Json::parse(R"({
    "status": "interrupted",
    "final": {"round": 10, "time_s": 2.3, "peers": 15, "accuracy_mean": 0.30000000000000004,
      "accuracy_sd": 0.3333333333333333, "accuracy_min": 0.01, "accuracy_p10": 0.02,
      "accuracy_p50": 0.03, "accuracy_p90": 0.04, "accuracy_max": 0.05,
      "accuracy_before_mixing": 0.06, "accuracy_mean_model": 0.07, "accuracy_local": 0.08,
      "loss_mean": 2.302585092994046, "consensus_distance": 1e-7,
      "bytes_sent": 9007199254740993, "messages_sent": 301, "messages_dropped": 302,
      "staleness_mean": 0.5},
    "time_to_accuracy": [{"target": 0.5, "node_averaged_s": 1.5, "median_s": 1.25, "p95_s": 2.5,
      "slowest_s": 3.5, "fraction_reached": 0.75}],
    "validation_accuracy_mean": 0.625,
    "diverged_peers": [{"peer": 4, "round": 17}],
    "wall_seconds": 1.0, "cpu_seconds": 2.0, "training_seconds": 3.0, "aggregation_seconds": 4.0,
    "evaluation_seconds": 5.0, "peak_rss_bytes": 6, "train_samples": 7,
    "train_samples_per_second": 8.0, "events": 9, "events_per_second": 10.0, "messages": 11,
    "messages_dropped": 12, "messages_refused": 13, "bytes_sent": 14,
    "model_digest": "0000000000000abc", "event_digest": "fedcba9876543210"})");
  EXPECT_EQ(json, expected) << json.dump(2);
}

TEST(RecordText, SummaryKeepsTheKeysOfWhatIsMissing) {
  Summary summary;
  summary.time_to_accuracy = {{.target = 0.9}};
  const Json json = Json::parse(to_json(summary));
  EXPECT_EQ(json["status"], "done");
  EXPECT_TRUE(json.at("final").is_null());
  EXPECT_TRUE(json.at("validation_accuracy_mean").is_null());
  EXPECT_TRUE(json.at("time_to_accuracy").at(0).at("median_s").is_null());
  EXPECT_EQ(json.at("diverged_peers"), Json::array());
}

TEST(RecordText, JsonNumbersReadBackExactly) {
  Summary summary;
  summary.wall_seconds = 0.1 + 0.2;
  summary.cpu_seconds = 1.7976931348623157e308;
  summary.training_seconds = 5e-324;
  const Json json = Json::parse(to_json(summary));
  EXPECT_EQ(json["wall_seconds"].get<double>(), summary.wall_seconds);
  EXPECT_EQ(json["cpu_seconds"].get<double>(), summary.cpu_seconds);
  EXPECT_EQ(json["training_seconds"].get<double>(), summary.training_seconds);
}

TEST(RecordText, ManifestHoldsWhatARunWasMadeWith) {
  Manifest manifest{.scenario_digest = 0x12,
                    .seed = ~std::uint64_t{0},
                    .commit = "abc123",
                    .versions = {{"zeromq", "4.3.4"}, {"libtorch", "1.13.1"}},
                    .cpu = "a CPU",
                    .kernels = {{"openblas", "zen"}},
                    .transport = "inproc",
                    .workers = 2,
                    .start = "2025-01-31T12:00:00Z",
                    .end = ""};
  Json expected = Json::parse(R"({"scenario_digest": "0000000000000012",
    "seed": 18446744073709551615, "commit": "abc123",
    "versions": {"libtorch": "1.13.1", "zeromq": "4.3.4"}, "cpu": "a CPU",
    "kernels": {"openblas": "zen"}, "transport": "inproc", "workers": 2,
    "start": "2025-01-31T12:00:00Z", "end": null})");
  EXPECT_EQ(Json::parse(to_json(manifest)), expected);
  manifest.end = expected["end"] = "2025-01-31T12:00:05Z";
  EXPECT_EQ(Json::parse(to_json(manifest)), expected);
}

}  // namespace
}  // namespace hearsay

#include "results/record_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "node/base/archive.hpp"

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
          .staleness_mean = 0.5,
          .messages_late = 303,
          .messages_refused = 304,
          .live_peers = 17,
          .components = 2,
          .consensus_distance_within = 0.09,
          .models_not_finite = 305,
          .infeasible_aggregations = 306,
          .influence = 0.11};
}

TEST(RecordText, HeadersAreTheDocumentedColumns) {
  EXPECT_EQ(metrics_csv_header(),
            "round,time_s,peers,accuracy_mean,accuracy_sd,accuracy_min,accuracy_p10,accuracy_p50,"
            "accuracy_p90,accuracy_max,accuracy_before_mixing,accuracy_mean_model,accuracy_local,"
            "loss_mean,consensus_distance,bytes_sent,messages_sent,messages_dropped,"
            "staleness_mean,messages_late,messages_refused,live_peers,components,"
            "consensus_distance_within,models_not_finite,infeasible_aggregations,influence\n");
  EXPECT_EQ(peers_csv_header(),
            "round,time_s,peer,role,alive,accuracy,loss,samples,steps,bytes_sent,"
            "bytes_received,component,live_neighbors\n");
  EXPECT_EQ(sides_csv_header(),
            "round,time_s,component,peers,accuracy_mean,accuracy_min,consensus_distance\n");
}

TEST(RecordText, MetricsRowIsInTheOrderOfItsHeader) {
  EXPECT_EQ(to_csv(sample_row()),
            "10,2.3,15,0.30000000000000004,0.3333333333333333,0.01,0.02,0.03,0.04,0.05,0.06,0.07,"
            "0.08,2.302585092994046,1e-07,9007199254740993,301,302,0.5,303,304,17,2,0.09,305,306,"
            "0.11\n");
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
                    .bytes_received = 2000,
                    .component = 5,
                    .live_neighbors = 4};
  EXPECT_EQ(to_csv(row), "3,1e-09,7,honest,0,0.75,0.5,600,30,1000,2000,5,4\n");
}

TEST(RecordText, SideRowIsInTheOrderOfItsHeader) {
  const SideRow row{.round = 3,
                    .time = SimTime{500'000'000},
                    .component = 8,
                    .peers = 6,
                    .accuracy_mean = 0.75,
                    .accuracy_min = 0.25,
                    .consensus_distance = 0.125};
  EXPECT_EQ(to_csv(row), "3,0.5,8,6,0.75,0.25,0.125\n");
}

TEST(RecordText, MissingNumbersAreEmptyCells) {
  const auto cells = cells_of(to_csv(MetricsRow{.round = 1}));
  ASSERT_EQ(cells.size(), cells_of(metrics_csv_header()).size());
  EXPECT_EQ(cells[0], "1");
  EXPECT_EQ(cells[3], "");
  EXPECT_EQ(cells.back(), "");
  EXPECT_EQ(cells_of(to_csv(PeerRow{}))[5], "");
}

TEST(RecordText, AMetricsRowAsJsonHasTheSameColumns) {
  const Json json = Json::parse(to_json_line(sample_row()));
  const auto names = cells_of(metrics_csv_header());
  EXPECT_EQ(json.size(), names.size());
  for (const std::string& name : names) EXPECT_TRUE(json.contains(name)) << name;
  EXPECT_EQ(json["time_s"], 2.3);
  EXPECT_TRUE(Json::parse(to_json_line(MetricsRow{})).at("loss_mean").is_null());
}

TEST(RecordText, AMetricsRowIsRestoredWhole) {
  SavingArchive saving;
  MetricsRow saved = sample_row();
  saving(saved);
  const Snapshot snapshot = saving.take();
  LoadingArchive loading(snapshot);
  MetricsRow restored;
  loading(restored);
  loading.finish();
  EXPECT_EQ(to_csv(restored), to_csv(sample_row()));
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

#include "results/record_text.hpp"

#include <concepts>
#include <nlohmann/json.hpp>

#include "node/base/check.hpp"
#include "results/number_text.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

// The columns of a row, once for the header, the cells and the JSON object.
template <class Visitor>
void visit_columns(const MetricsRow& row, Visitor&& visit) {
  visit("round", row.round);
  visit("time_s", exact_seconds(row.time));
  visit("peers", row.peers);
  visit("accuracy_mean", row.accuracy_mean);
  visit("accuracy_sd", row.accuracy_sd);
  visit("accuracy_min", row.accuracy_min);
  visit("accuracy_p10", row.accuracy_p10);
  visit("accuracy_p50", row.accuracy_p50);
  visit("accuracy_p90", row.accuracy_p90);
  visit("accuracy_max", row.accuracy_max);
  visit("accuracy_before_mixing", row.accuracy_before_mixing);
  visit("accuracy_mean_model", row.accuracy_mean_model);
  visit("accuracy_local", row.accuracy_local);
  visit("loss_mean", row.loss_mean);
  visit("consensus_distance", row.consensus_distance);
  visit("bytes_sent", row.bytes_sent);
  visit("messages_sent", row.messages_sent);
  visit("messages_dropped", row.messages_dropped);
  visit("staleness_mean", row.staleness_mean);
}

template <class Visitor>
void visit_columns(const PeerRow& row, Visitor&& visit) {
  visit("round", row.round);
  visit("time_s", exact_seconds(row.time));
  visit("peer", std::int64_t{row.peer});
  visit("role", row.role);
  visit("alive", std::int64_t{row.alive ? 1 : 0});
  visit("accuracy", row.accuracy);
  visit("loss", row.loss);
  visit("samples", row.samples);
  visit("steps", row.steps);
  visit("bytes_sent", row.bytes_sent);
  visit("bytes_received", row.bytes_received);
}

std::string cell(std::int64_t value) { return std::to_string(value); }
std::string cell(double value) { return shortest(value); }

// RFC 4180: quoted only where the text would otherwise end the cell.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

template <class Row>
std::string header_line() {
  std::string line;
  visit_columns(Row{}, [&](std::string_view name, const auto&) {
    if (!line.empty()) line += ',';
    line += name;
  });
  return line + "\n";
}

template <class Row>
std::string row_line(const Row& row) {
  std::string line;
  bool first = true;
  visit_columns(row, [&](std::string_view, const auto& value) {
    if (!first) line += ',';
    first = false;
    line += cell(value);
  });
  return line + "\n";
}

Json metrics_json(const MetricsRow& row) {
  Json json = Json::object();
  visit_columns(row, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

Json target_json(const TimeToAccuracy& time) {
  return {{"target", time.target},       {"node_averaged_s", time.node_averaged_s},
          {"median_s", time.median_s},   {"p95_s", time.p95_s},
          {"slowest_s", time.slowest_s}, {"fraction_reached", time.fraction_reached}};
}

// Absent values are null, so that every summary has the same keys.
Json optional_json(const std::optional<double>& value) {
  return value.has_value() ? Json(*value) : Json();
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string_view status_name(RunStatus status) {
  switch (status) {
    case RunStatus::kDone:
      return "done";
    case RunStatus::kInterrupted:
      return "interrupted";
    case RunStatus::kStalled:
      return "stalled";
  }
  HEARSAY_CHECK(false);
}

std::string to_json_line(const MetricsRow& row) { return metrics_json(row).dump(); }

std::string metrics_csv_header() { return header_line<MetricsRow>(); }
std::string peers_csv_header() { return header_line<PeerRow>(); }
std::string to_csv(const MetricsRow& row) { return row_line(row); }
std::string to_csv(const PeerRow& row) { return row_line(row); }

std::string to_json_line(const EventRecord& event) {
  Json json = {
      {"time_s", exact_seconds(event.time)}, {"wall_s", event.wall_seconds}, {"kind", event.kind}};
  if (event.peer.has_value()) json["peer"] = *event.peer;
  for (const auto& [name, detail] : event.details) {
    std::visit([&](const auto& value) { json["details"][name] = value; }, detail);
  }
  return dump(json, -1);
}

namespace {

Json summary_json(const Summary& summary) {
  Json json;
  json["status"] = status_name(summary.status);
  json["final"] = summary.final_row.has_value() ? metrics_json(*summary.final_row) : Json();
  json["time_to_accuracy"] = Json::array();
  for (const TimeToAccuracy& time : summary.time_to_accuracy) {
    json["time_to_accuracy"].push_back(target_json(time));
  }
  json["validation_accuracy_mean"] = optional_json(summary.validation_accuracy_mean);
  json["diverged_peers"] = Json::array();
  for (const DivergedPeer& diverged : summary.diverged_peers) {
    json["diverged_peers"].push_back({{"peer", diverged.peer}, {"round", diverged.round}});
  }
  json["wall_seconds"] = summary.wall_seconds;
  json["cpu_seconds"] = summary.cpu_seconds;
  json["training_seconds"] = summary.training_seconds;
  json["aggregation_seconds"] = summary.aggregation_seconds;
  json["evaluation_seconds"] = summary.evaluation_seconds;
  json["peak_rss_bytes"] = summary.peak_rss_bytes;
  json["train_samples"] = summary.train_samples;
  json["train_samples_per_second"] = summary.train_samples_per_second;
  json["events"] = summary.events;
  json["events_per_second"] = summary.events_per_second;
  json["messages"] = summary.messages;
  json["messages_dropped"] = summary.messages_dropped;
  json["messages_refused"] = summary.messages_refused;
  json["bytes_sent"] = summary.bytes_sent;
  json["model_digest"] =
      summary.model_digest.has_value() ? Json(to_hex(*summary.model_digest)) : Json();
  json["event_digest"] = to_hex(summary.event_digest);
  return json;
}

}  // namespace

std::string to_json(const Summary& summary) { return dump(summary_json(summary), 2); }

std::string to_json_line(const Summary& summary) {
  return Json{{"summary", summary_json(summary)}}.dump();
}

std::string to_json(const Manifest& manifest) {
  Json json;
  json["scenario_digest"] = to_hex(manifest.scenario_digest);
  json["seed"] = manifest.seed;
  json["commit"] = manifest.commit;
  json["versions"] = manifest.versions;
  json["cpu"] = manifest.cpu;
  json["kernels"] = manifest.kernels;
  json["transport"] = manifest.transport;
  json["workers"] = manifest.workers;
  json["start"] = manifest.start;
  json["end"] = manifest.end.empty() ? Json() : Json(manifest.end);
  return dump(json, 2);
}

}  // namespace hearsay

#include "results/record_text.hpp"

#include <nlohmann/json.hpp>

#include "results/columns.hpp"

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

std::string cell(std::int64_t value) { return std::to_string(value); }
std::string cell(double value) { return shortest(value); }

std::string cell(const std::string& text) { return csv_cell(text); }

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

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string to_json_line(const MetricsRow& row) {
  Json json = Json::object();
  visit_columns(row, [&](const char* name, const auto& value) { json[name] = value; });
  return json.dump();
}

std::string metrics_csv_header() { return header_line<MetricsRow>(); }
std::string peers_csv_header() { return header_line<PeerRow>(); }
std::string sides_csv_header() { return header_line<SideRow>(); }
std::string trace_csv_header() { return header_line<TraceRow>(); }
std::string to_csv(const MetricsRow& row) { return row_line(row); }
std::string to_csv(const PeerRow& row) { return row_line(row); }
std::string to_csv(const SideRow& row) { return row_line(row); }
std::string to_csv(const TraceRow& row) { return row_line(row); }

std::string to_json_line(const EventRecord& event) {
  Json json = {
      {"time_s", exact_seconds(event.time)}, {"wall_s", event.wall_seconds}, {"kind", event.kind}};
  if (event.peer.has_value()) json["peer"] = *event.peer;
  for (const auto& [name, detail] : event.details) {
    std::visit([&](const auto& value) { json["details"][name] = value; }, detail);
  }
  return dump(json, -1);
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

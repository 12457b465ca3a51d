#include "results/report_json.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace hearsay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 1000;

/// As JSON writes it best: whole numbers without a decimal point.
Json number(double value) {
  if (!std::isfinite(value)) return {};
  const bool is_whole = std::abs(value) < 0x1.0p53 && value == std::trunc(value);
  return is_whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

double rounded(double value) {
  constexpr int kDigits = 4;
  if (!std::isfinite(value) || value == 0.0) return value;
  char text[32];
  const auto [end, error] =
      std::to_chars(text, text + sizeof text, value, std::chars_format::general, kDigits);
  std::from_chars(text, end, value);
  return value;
}

Json rounded_numbers(const std::vector<std::vector<double>>& by_moment) {
  Json json = Json::array();
  for (const std::vector<double>& values : by_moment) {
    Json line = Json::array();
    for (const double value : values) line.push_back(number(rounded(value)));
    json.push_back(std::move(line));
  }
  return json;
}

bool has_number(const std::vector<std::vector<double>>& by_moment) {
  for (const std::vector<double>& values : by_moment) {
    for (const double value : values) {
      if (std::isfinite(value)) return true;
    }
  }
  return false;
}

/// The columns of metrics.csv and what peers.csv adds, one list each.
Json metrics_json(const ReportData& data) {
  const FinishedRun& run = data.run;
  const std::vector<std::size_t> rows = evenly_spaced(run.rows.size(), kMostRows);
  Json json = Json::object();
  for (std::size_t c = 0; c < run.columns.size(); ++c) {
    Json& column = json[run.columns[c]] = Json::array();
    for (const std::size_t row : rows) column.push_back(number(run.rows[row][c]));
  }
  Json& p10 = json["loss_p10"] = Json::array();
  Json& p90 = json["loss_p90"] = Json::array();
  Json& max = json["loss_max"] = Json::array();
  for (const std::size_t row : rows) {
    const LossSpread& spread = data.peers.loss_spread[row];
    p10.push_back(number(spread.p10));
    p90.push_back(number(spread.p90));
    max.push_back(number(spread.max));
  }
  return json;
}

Json peers_json(const ReportData& data) {
  const PeerHistory& history = data.peers;
  Json ids = Json::array();
  Json roles = Json::array();
  Json samples = Json::array();
  for (const PeerHistory::Peer& peer : history.peers) {
    ids.push_back(peer.peer);
    roles.push_back(peer.role);
    samples.push_back(peer.samples);
  }
  Json rounds = Json::array();
  Json times = Json::array();
  Json bytes = Json::array();
  for (const std::size_t row : history.moments) {
    const auto cell = [&](std::string_view name) {
      return number(data.run.rows[row][*data.run.column(name)]);
    };
    rounds.push_back(cell("round"));
    times.push_back(cell("time_s"));
    bytes.push_back(cell("bytes_sent"));
  }
  // Both would make the page twice as large; the loss says little where there is an accuracy.
  const bool by_accuracy = has_number(history.accuracy);
  return {{"ids", ids},
          {"roles", roles},
          {"samples", samples},
          {"round", rounds},
          {"time_s", times},
          {"bytes_sent", bytes},
          {"measure", by_accuracy ? "accuracy" : "loss"},
          {"values", rounded_numbers(by_accuracy ? history.accuracy : history.loss)}};
}

Json events_json(const EventHistory& events) {
  Json json = Json::array();
  for (const EventMark& mark : events.marks) {
    json.push_back({{"kind", mark.kind},
                    {"from_s", number(mark.from_s)},
                    {"until_s", number(mark.until_s)},
                    {"count", mark.count},
                    {"what", mark.what}});
  }
  return json;
}

Json reached_json(const std::vector<ReachedTimes>& reached) {
  constexpr std::size_t kMostSteps = 1000;
  Json json = Json::array();
  for (const ReachedTimes& target : reached) {
    Json seconds = Json::array();
    Json ranks = Json::array();
    for (const std::size_t rank : evenly_spaced(target.seconds.size(), kMostSteps)) {
      seconds.push_back(number(target.seconds[rank]));
      ranks.push_back(rank + 1);
    }
    json.push_back({{"target", target.target},
                    {"peers", target.peers},
                    {"seconds", seconds},
                    {"ranks", ranks}});
  }
  return json;
}

Json graph_json(const GraphPicture& graph) {
  const auto places = [](const std::vector<double>& values) {
    Json json = Json::array();
    for (const double value : values) json.push_back(number(rounded(value)));
    return json;
  };
  Json ends = Json::array();
  for (const auto& [from, to] : graph.edges) {
    ends.push_back(from);
    ends.push_back(to);
  }
  return {{"x", places(graph.x)},
          {"y", places(graph.y)},
          {"ends", ends},
          {"num_edges", graph.num_edges},
          {"note", graph.note}};
}

Json headlines_json(const std::vector<Headline>& headlines) {
  Json json = Json::array();
  for (const Headline& each : headlines) {
    json.push_back({{"label", each.label}, {"value", each.value}, {"note", each.note}});
  }
  return json;
}

}  // namespace

std::string report_json(const ReportData& data) {
  const Json json = {{"name", data.plan.name},
                     {"description", data.plan.description},
                     {"num_peers", data.plan.num_peers},
                     {"status", data.run.status},
                     {"headlines", headlines_json(data.headlines)},
                     {"num_rows", data.run.rows.size()},
                     {"metrics", metrics_json(data)},
                     {"peers", peers_json(data)},
                     {"events", events_json(data.events)},
                     {"reached", reached_json(data.peers.reached)},
                     {"graph", graph_json(data.plan.graph)},
                     {"scenario", data.scenario},
                     {"manifest", data.manifest},
                     {"summary", data.summary}};
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace hearsay

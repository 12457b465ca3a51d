#include "results/finished_run.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "node/base/error.hpp"
#include "results/run_file.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

void read_metrics(const RunFile& file, FinishedRun& run) {
  std::ifstream in = file.open();
  std::string line;
  std::getline(in, line);
  for (const std::string_view cell : cells_of(line)) run.columns.emplace_back(cell);
  for (const char* const needed : {"round", "time_s", "bytes_sent"}) {
    if (!run.column(needed)) file.fail(std::string("has no column ") + needed);
  }
  for (int number = 2; std::getline(in, line); ++number) {
    std::vector<double> row;
    for (const std::string_view cell : cells_of(line)) {
      const auto value = number_in(cell);
      if (!value) file.fail_line(number, '"' + std::string(cell) + "\" is no number");
      row.push_back(*value);
    }
    if (row.size() != run.columns.size()) {
      file.fail_line(number, std::to_string(row.size()) + " fields, but there are " +
                                 std::to_string(run.columns.size()) + " columns");
    }
    run.rows.push_back(std::move(row));
  }
}

double number_or_missing(const Json& json) {
  return json.is_null() ? kMissing : json.get<double>();
}

std::string text_or_empty(const Json& json) {
  return json.is_null() ? "" : json.get<std::string>();
}

void read_summary(const RunFile& file, FinishedRun& run) {
  const Json summary = file.json();
  try {
    run.status = summary.at("status").get<std::string>();
    run.wall_seconds = summary.at("wall_seconds").get<double>();
    run.model_digest = text_or_empty(summary.at("model_digest"));
    run.event_digest = summary.at("event_digest").get<std::string>();
    for (const Json& time : summary.at("time_to_accuracy")) {
      const auto mean = [&](const char* clock) {
        return number_or_missing(time.at(clock).at("node_averaged"));
      };
      run.targets.push_back({.target = time.at("target").get<double>(),
                             .fraction_reached = time.at("fraction_reached").get<double>(),
                             .rounds = mean("rounds"),
                             .time_s = mean("time_s"),
                             .bytes_received = mean("bytes_received")});
    }
  } catch (const Json::exception& error) {
    file.fail(std::string("is not as a run writes it (") + error.what() + ")");
  }
}

}  // namespace

std::optional<std::size_t> FinishedRun::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

double FinishedRun::last(std::string_view column_name) const {
  const auto at = column(column_name);
  return rows.empty() || !at ? kMissing : rows.back()[*at];
}

bool is_run_directory(const fs::path& path) { return RunFile(path / "manifest.json").exists(); }

std::optional<std::string> status_of_run(const fs::path& path) {
  std::ifstream file(path / "summary.json");
  if (!file) return std::nullopt;
  const Json summary = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!summary.is_object() || !summary.contains("status")) return std::nullopt;
  const Json& status = summary["status"];
  return status.is_string() ? std::optional(status.get<std::string>()) : std::nullopt;
}

FinishedRun read_finished_run(const fs::path& path) {
  if (!is_run_directory(path)) {
    throw UserError(path.string() + ": holds no run (no manifest.json)");
  }
  FinishedRun run{.path = path};
  const RunFile manifest(path / "manifest.json");
  const Json json = manifest.json();
  const auto digest = json.find("scenario_digest");
  if (digest == json.end() || !digest->is_string()) manifest.fail("has no scenario_digest");
  run.scenario_digest = digest->get<std::string>();
  read_metrics(RunFile(path / "metrics.csv"), run);
  const RunFile summary(path / "summary.json");
  if (summary.exists()) read_summary(summary, run);
  return run;
}

}  // namespace hearsay

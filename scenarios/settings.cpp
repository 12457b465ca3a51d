#include "scenarios/settings.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "node/base/error.hpp"
#include "scenarios/document.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/sweep.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

void take_apart(const DocumentNode& node, const std::string& path, Settings& settings) {
  if (node.kind == DocumentNode::Kind::kMapping) {
    for (const DocumentNode::Entry& entry : node.entries) {
      take_apart(entry.value, path.empty() ? entry.key : path + "." + entry.key, settings);
    }
    return;
  }
  const bool is_list_of_mappings = node.kind == DocumentNode::Kind::kSequence &&
                                   !node.items.empty() &&
                                   std::ranges::all_of(node.items, [](const DocumentNode& item) {
                                     return item.kind == DocumentNode::Kind::kMapping;
                                   });
  if (!is_list_of_mappings) {
    settings[path] = flow_text(node);
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    take_apart(node.items[i], path + "[" + std::to_string(i) + "]", settings);
  }
}

/// The names in the first column of a sweep's table; none if there is no table.
std::vector<std::string> points_in(const fs::path& table) {
  std::ifstream file(table);
  std::vector<std::string> points;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const bool is_quoted = line.starts_with('"');
    points.push_back(is_quoted ? line.substr(1, line.find('"', 1) - 1)
                               : line.substr(0, line.find(',')));
  }
  return points;
}

/// The run directories in a directory.
std::vector<fs::path> runs_in(const fs::path& directory) {
  std::vector<fs::path> runs;
  for (const std::string& point : points_in(directory / "sweep.csv")) {
    if (is_run_directory(directory / point)) runs.push_back(directory / point);
  }
  std::set<fs::path> inner;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (is_run_directory(entry.path())) inner.insert(entry.path());
  }
  if (error) throw UserError(directory.string() + ": cannot be read: " + error.message());
  runs.insert(runs.end(), inner.begin(), inner.end());
  return runs;
}

}  // namespace

ComparedRun read_compared_run(const fs::path& path) {
  ComparedRun run{.run = read_finished_run(path)};
  const fs::path file = path / "scenario.yaml";
  const Document document(read_scenario_text(file), file.string());
  Settings all;
  take_apart(document.root(), "", all);
  for (const auto& [key, value] : all) {
    if (is_seed_key(key)) {
      run.seeds[key] = value;
    } else if (key != "name" && !key.starts_with("checkpoint.")) {
      run.settings[key] = value;
    }
  }
  return run;
}

std::vector<fs::path> find_runs(const std::vector<std::string>& paths) {
  std::vector<fs::path> runs;
  std::set<fs::path> seen;
  const auto add = [&](const fs::path& path) {
    if (seen.insert(fs::weakly_canonical(path)).second) runs.push_back(path);
  };
  for (const fs::path path : paths) {
    if (is_run_directory(path)) {
      add(path);
      continue;
    }
    const std::vector<fs::path> inner = runs_in(path);
    if (inner.empty()) {
      throw UserError(path.string() + ": holds no run (no manifest.json), nor directories of runs");
    }
    for (const fs::path& run : inner) add(run);
  }
  return runs;
}

}  // namespace hearsay

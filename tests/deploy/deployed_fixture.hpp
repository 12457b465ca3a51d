#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/local_processes.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {

// Each round takes some milliseconds, as all wait for all; who is silent is done without.
inline constexpr const char* kLong = R"(name: long
peers: 8
topology: {kind: complete}
data: {kind: gaussian_mixture}
model: {kind: mlp, hidden: [64]}
training: {optimizer: {kind: sgd, lr: 0.1}, batch_size: 32, local_steps: 20}
protocol: {kind: dpsgd, rounds: 400, missing: drop, timeout: 300ms}
evaluation: {every_rounds: 50}
)";

/// A place for deployments, those that were started, and what they left.
class Deployed : public testing::Test {
 protected:
  std::filesystem::path write_scenario(const std::string& text) const {
    const std::filesystem::path path = temporary_.path() / "scenario.yaml";
    std::ofstream(path) << text;
    return path;
  }

  std::filesystem::path out(const std::string& name) const { return temporary_.path() / name; }

  nlohmann::json summary(const std::string& name) const {
    return nlohmann::json::parse(contents(out(name) / "summary.json"));
  }

  std::vector<nlohmann::json> events(const std::string& name) const {
    std::vector<nlohmann::json> found;
    std::istringstream lines(contents(out(name) / "events.jsonl"));
    for (std::string line; std::getline(lines, line);) found.push_back(nlohmann::json::parse(line));
    return found;
  }

  int count_events(const std::string& name, const std::string& kind) const {
    const auto all = events(name);
    return static_cast<int>(std::ranges::count_if(
        all, [&](const nlohmann::json& event) { return event.at("kind") == kind; }));
  }

  ProgramResult deploy(const std::string& scenario, const std::string& name,
                       std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"deploy", write_scenario(scenario), "--out", out(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_hearsay(arguments);
  }

  /// Starts a deployment and lets it go on.
  std::size_t start(const std::string& scenario, const std::string& name,
                    std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{HEARSAY_BINARY, "deploy", write_scenario(scenario), "--out",
                                       out(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return programs_.start({.name = name, .arguments = arguments, .log = out(name + ".log")});
  }

  /// Waits until something holds; false after `patience`.
  template <class Condition>
  static bool until(Condition holds, std::chrono::seconds patience = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      poll(nullptr, 0, 20);
    }
    return true;
  }

  /// The table without the columns that depend on when things happened.
  static std::string without_times(const std::filesystem::path& path) {
    std::istringstream lines(contents(path));
    std::vector<bool> is_left_out;
    std::string table;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      std::size_t column = 0;
      for (std::string field; std::getline(fields, field, ','); ++column) {
        if (column == is_left_out.size()) {
          is_left_out.push_back(field == "time_s" || field == "bytes_received");
        }
        if (!is_left_out[column]) table.append(field + ",");
      }
      table.append("\n");
    }
    return table;
  }

  std::string log_of(const std::string& name, const std::string& host) const {
    const std::filesystem::path path = out(name) / "logs" / (host + ".log");
    return std::filesystem::exists(path) ? contents(path) : "";
  }

  /// The newest process that runs a host; 0 before it listens.
  pid_t process_of(const std::string& name, const std::string& host) const {
    const std::string log = log_of(name, host);
    const std::size_t at = log.rfind("(process ");
    return at == std::string::npos ? 0 : std::stoi(log.substr(at + 9));
  }

  /// Whether some peer has been recorded in this round or a later one.
  bool has_reached(const std::string& name, int round) const {
    const std::filesystem::path path = out(name) / "metrics.csv";
    if (!std::filesystem::exists(path)) return false;
    const std::string text = contents(path);
    const std::size_t last = text.rfind('\n', text.size() - 2);
    return last != std::string::npos && std::atoi(text.c_str() + last + 1) >= round;
  }

  TemporaryDirectory temporary_;
  LocalProcesses programs_;
};

}  // namespace hearsay

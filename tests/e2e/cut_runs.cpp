#include "tests/e2e/cut_runs.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

namespace hearsay {
namespace {

constexpr const char* kLenet5 = R"(name: lenet5
peers: 6
topology: {kind: ring}
data: {kind: fashion_mnist, partition: {kind: iid}}
model: {kind: lenet5}
training: {optimizer: {kind: sgd, lr: 0.05}, batch_size: 32, local_steps: 4}
protocol: {kind: dpsgd, rounds: 15}
network: {kind: links, latency: 20ms, up: 10MB/s, down: 50MB/s}
evaluation: {every_rounds: 1, samples: 100, targets: [0.3]}
)";

constexpr const char* kMlp = R"(name: mlp
peers: 12
topology: {kind: random_regular, degree: 4}
data: {kind: gaussian_mixture, partition: {kind: dirichlet, alpha: 0.5}, validation: 10%}
model: {kind: mlp, hidden: [16]}
training:
  optimizer: {kind: sgd, lr: 0.1, momentum: 0.5, schedule: {kind: cosine, steps: 400}}
  batch_size: 16
  local_steps: 5
protocol: {kind: dpsgd, rounds: 100, missing: last_model, timeout: 50ms}
aggregator: {kind: mixing, variance_correction: {target: others}}
compute: {kind: gilbert_elliott, step_time: 2ms, bad_round: 10%}
network:
  {kind: links, latency: 5ms, up: 1MB/s, jitter: 2ms, loss: 2%, duplicate: 5%, reorder: 5%}
faults:
  - {at: 100ms, crash: [1], until: 400ms}
  - {at: 200ms, crash: [2-3], state: lost}
  - {at: 800ms, restart: [2-3]}
  - {at: 300ms, freeze: [4], until: 900ms}
  - {at: 300ms, leave: [5]}
  - {at: 1200ms, join: [5]}
  - {at: 700ms, partition: [[0-5], [6-11]], until: 1500ms}
  - {at: 0s, corrupt: {random: 2}, share: 5%}
  - {clock_skew: {random: 3}, sigma: 0.05}
evaluation:
  {every_rounds: 1, targets: [0.3, 0.8], before_mixing: true, mean_model: true, local: true}
)";

constexpr const char* kQuadratic = R"(name: quadratic
peers: 4096
topology: {kind: random_regular, degree: 3}
model: {kind: quadratic, dimension: 4}
training: {optimizer: {kind: sgd, lr: 0.1, momentum: 0.5}, local_steps: 1}
protocol: {kind: dpsgd, rounds: 12, missing: drop, timeout: 100ms}
compute: {kind: lognormal, step_time: 2ms}
network: {kind: links, latency: 20ms, jitter: 5ms}
faults: [{at: 100ms, crash: {random: 5%}, until: 300ms}]
evaluation: {every_rounds: 1, peers: {random: 10}}
)";

constexpr const char* kShared = R"(name: shared
peers: 24
topology: {kind: random_regular, degree: 4}
data: {kind: gaussian_mixture, partition: {kind: iid}}
model: {kind: logistic}
training: {optimizer: {kind: sgd, lr: 0.1}, batch_size: 16, local_steps: 2}
protocol: {kind: dpsgd, rounds: 60, missing: drop, timeout: 100ms, missing_weight: self}
compute: {kind: homo}
network:
  kind: shared
  latency: 5ms
  geometric: {per_unit: 10ms}
  up: 1MB/s
  down: 2MB/s
  bandwidth_sigma: 0.3
  sharing: rtt
  loss: 5%
  retransmit: true
  retransmit_timeout: 20ms
faults: [{sessions: {kind: exponential, mean: 300ms, off: 100ms}, until: 30s}]
evaluation: {every_rounds: 1, samples: 100}
)";

std::string without_wall_times(const std::string& events) {
  std::istringstream lines(events);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    nlohmann::ordered_json event = nlohmann::ordered_json::parse(line);
    event.erase("wall_s");
    text += event.dump() + "\n";
  }
  return text;
}

std::string without_costs(const std::string& summary) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(summary);
  for (const char* const key :
       {"wall_seconds", "cpu_seconds", "training_seconds", "aggregation_seconds",
        "aggregation_share", "evaluation_seconds", "peak_rss_bytes", "train_samples_per_second",
        "events_per_second"}) {
    json.erase(key);
  }
  return json.dump(2);
}

}  // namespace

const std::vector<CutScenario>& cut_scenarios() {
  static const std::vector<CutScenario> scenarios{{"Lenet5", kLenet5, "round 3,"},
                                                  {"Mlp", kMlp, "round 20,"},
                                                  {"Quadratic", kQuadratic, "round 2,"},
                                                  {"Shared", kShared, "round 15,"}};
  return scenarios;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::map<std::string, std::string> results_of(const std::filesystem::path& run) {
  std::map<std::string, std::string> results;
  for (const char* const name :
       {"metrics.csv", "peers.csv", "sides.csv", "trace.csv", "scenario.yaml"}) {
    results[name] = content_of(run / name);
  }
  results["events.jsonl"] = without_wall_times(content_of(run / "events.jsonl"));
  results["summary.json"] = without_costs(content_of(run / "summary.json"));
  return results;
}

void expect_same_results(const std::filesystem::path& run, const std::filesystem::path& straight) {
  const std::map<std::string, std::string> results = results_of(run);
  for (const auto& [name, expected] : results_of(straight)) {
    EXPECT_FALSE(expected.empty() && name != "events.jsonl") << name;
    EXPECT_EQ(results.at(name), expected) << name;
  }
}

std::vector<std::string> ways(const std::string& workers, const std::string& transport) {
  return {"--workers", workers, "--transport", transport};
}

std::vector<std::string> joined(std::vector<std::string> first,
                                const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace hearsay

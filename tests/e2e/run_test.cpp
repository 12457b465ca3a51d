// The program as a user runs it: files, digests, errors, exit codes.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

constexpr const char* kSmallScenario = R"(name: small
peers: 8
topology: {kind: random_regular, degree: 3}
data: {kind: gaussian_mixture, partition: {kind: dirichlet, alpha: 0.5}, validation: 10%}
model: {kind: mlp, hidden: [16]}
training: {optimizer: {kind: sgd, lr: 0.1, momentum: 0.5}, batch_size: 16, local_steps: 5}
protocol: {kind: dpsgd, rounds: 6}
aggregator: {kind: mixing, variance_correction: {target: others}}
compute: {kind: lognormal, step_time: 2ms, sigma: 0.5}
network: {kind: links, latency: 5ms, up: 1MB/s, down: 2MB/s}
evaluation: {every_rounds: 2, targets: [0.3], before_mixing: true, mean_model: true, local: true}
)";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

class Program : public testing::Test {
 protected:
  std::filesystem::path write_scenario(const std::string& text) const {
    const std::filesystem::path path = temporary_.path() / "scenario.yaml";
    std::ofstream(path) << text;
    return path;
  }

  // Runs kSmallScenario with more arguments into `name`.
  ProgramResult run_small(const std::string& name, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"run", write_scenario(kSmallScenario), "--out",
                                       temporary_.path() / name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_hearsay(arguments);
  }

  nlohmann::json summary(const std::string& name) const {
    return nlohmann::json::parse(read_file(temporary_.path() / name / "summary.json"));
  }

  TemporaryDirectory temporary_;
};

TEST_F(Program, LeavesACompleteRunDirectory) {
  const ProgramResult result = run_small("run");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::filesystem::path run = temporary_.path() / "run";
  EXPECT_EQ(lines_of(read_file(run / "metrics.csv")), 1U + 3U);
  EXPECT_EQ(lines_of(read_file(run / "peers.csv")), 1U + 3U * 8U);
  const nlohmann::json json = summary("run");
  EXPECT_EQ(json["status"], "done");
  EXPECT_EQ(json["final"]["round"], 6);
  EXPECT_GT(json["final"]["accuracy_mean"], 0.5);
  for (const char* const column :
       {"accuracy_before_mixing", "accuracy_mean_model", "accuracy_local"}) {
    EXPECT_GT(json["final"][column], 0.3) << column;
  }
  EXPECT_GT(json["validation_accuracy_mean"], 0.3);
  EXPECT_EQ(json["messages"], 8 * 3 * 6);
  EXPECT_EQ(json["time_to_accuracy"][0]["target"], 0.3);
  EXPECT_NE(result.out.find(json["model_digest"].get<std::string>()), std::string::npos);
  EXPECT_NE(result.out.find(run.string()), std::string::npos);
}

TEST_F(Program, RepeatsARunFromItsResolvedScenario) {
  ASSERT_EQ(run_small("first").exit_code, 0);
  const ProgramResult again = run_hearsay({"run", temporary_.path() / "first" / "scenario.yaml",
                                           "--out", temporary_.path() / "second"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  for (const char* const file : {"metrics.csv", "peers.csv", "events.jsonl", "scenario.yaml"}) {
    EXPECT_EQ(read_file(temporary_.path() / "first" / file),
              read_file(temporary_.path() / "second" / file))
        << file;
  }
}

/// Which model a digest test trains, and on what.
struct Work {
  std::string name;
  std::vector<std::string> overrides;
};

class ProgramDigests : public Program, public testing::WithParamInterface<Work> {};

TEST_P(ProgramDigests, AreTheSameForEveryWorkerCountAndTransport) {
  std::string expected;
  for (const char* const workers : {"1", "2", "4"}) {
    for (const char* const transport : {"inproc", "ipc", "tcp"}) {
      std::vector<std::string> arguments{"--workers", workers, "--transport", transport};
      for (const std::string& override : GetParam().overrides) {
        arguments.insert(arguments.end(), {"-c", override});
      }
      const ProgramResult result = run_small("run", arguments);
      ASSERT_EQ(result.exit_code, 0) << result.err;
      const nlohmann::json json = summary("run");
      const std::string digests =
          json["model_digest"].get<std::string>() + " " + json["event_digest"].get<std::string>();
      if (expected.empty()) expected = digests;
      EXPECT_EQ(digests, expected) << workers << " workers over " << transport;
    }
  }
}

const std::vector<std::string> kImages{"data.kind=fashion_mnist", "training.batch_size=32",
                                       "protocol.rounds=3", "evaluation.samples=100"};

std::vector<std::string> images_and(std::vector<std::string> more) {
  more.insert(more.begin(), kImages.begin(), kImages.end());
  return more;
}

INSTANTIATE_TEST_SUITE_P(
    Models, ProgramDigests,
    testing::Values(Work{"Mlp", {}}, Work{"Logistic", {"model={kind: logistic}"}},
                    Work{"MlpAutograd", {"model.kernels=autograd"}},
                    Work{"Lenet5", images_and({"model={kind: lenet5}"})},
                    Work{"Lenet5Autograd", images_and({"model={kind: lenet5, kernels: autograd}"})},
                    Work{"Quadratic",
                         {"model={kind: quadratic}", "data={kind: none}",
                          "evaluation={every_rounds: 2}", "training.batch_size=1"}}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(Program, ReportsPeersThatDiverge) {
  const ProgramResult result = run_small("run", {"-c", "training.optimizer.lr=1e30"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.err.find("diverged"), std::string::npos) << result.err;
  EXPECT_FALSE(summary("run")["diverged_peers"].empty());
  EXPECT_NE(result.out.find("diverged"), std::string::npos) << result.out;
}

TEST_F(Program, StallsWithExitCode4AndSaysWhoWaitsForWhom) {
  const ProgramResult result =
      run_small("run", {"-c", "network.loss=30%", "-c", "protocol.rounds=50"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("waits for"), std::string::npos) << result.err;
  EXPECT_EQ(summary("run")["status"], "stalled");
}

TEST_F(Program, EndsCleanlyOnCtrlCWithPartialResults) {
  const ProgramResult result =
      interrupt_hearsay({"run", write_scenario(kSmallScenario), "--out", temporary_.path() / "run",
                         "-c", "protocol.rounds=1000000"},
                        "round 4,");
  EXPECT_EQ(result.exit_code, 130) << result.err;
  const nlohmann::json json = summary("run");
  EXPECT_EQ(json["status"], "interrupted");
  EXPECT_GE(json["final"]["round"], 4);
  EXPECT_NE(result.out.find("interrupted"), std::string::npos) << result.out;
}

TEST_F(Program, PrintsSchemaListAndVersionsOfHelp) {
  const ProgramResult schema = run_hearsay({"schema"});
  EXPECT_EQ(schema.exit_code, 0);
  EXPECT_TRUE(nlohmann::json::parse(schema.out).contains("properties"));
  const ProgramResult list = run_hearsay({"list", "topologies"});
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_NE(list.out.find("random_regular"), std::string::npos);
  EXPECT_EQ(run_hearsay({"--help"}).exit_code, 0);
  EXPECT_EQ(run_hearsay({"run", "--help"}).exit_code, 0);
}

}  // namespace
}  // namespace hearsay

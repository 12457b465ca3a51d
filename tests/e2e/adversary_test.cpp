// Attackers in runs of the program: who counts, what is reported, what is refused.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

constexpr const char* kAttacked = R"(name: attacked
peers: 12
topology: {kind: random_regular, degree: 4}
data: {kind: gaussian_mixture, partition: {kind: dirichlet, alpha: 1}, validation: 10%}
model: {kind: mlp, hidden: [16]}
training: {optimizer: {kind: sgd, lr: 0.1}, batch_size: 16, local_steps: 5}
protocol: {kind: dpsgd, rounds: 12}
adversaries:
  - {peers: {random: 3}, attack: {kind: sign_flip, scale: 8}, at_most: 2}
evaluation: {every_rounds: 6, mean_model: true, targets: [0.3]}
)";

class Attacked : public testing::Test {
 protected:
  ProgramResult run(const std::string& name, const std::vector<std::string>& overrides = {},
                    const std::vector<std::string>& more = {}) const {
    const std::filesystem::path scenario = temporary_.path() / "scenario.yaml";
    std::ofstream(scenario) << kAttacked;
    std::vector<std::string> arguments{"run", scenario, "--out", temporary_.path() / name};
    for (const std::string& text : overrides) arguments.insert(arguments.end(), {"-c", text});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_hearsay(arguments);
  }

  nlohmann::json summary(const std::string& name) const {
    std::ifstream file(temporary_.path() / name / "summary.json");
    return nlohmann::json::parse(file);
  }

  std::vector<std::string> lines(const std::string& name, const std::string& file) const {
    std::ifstream stream(temporary_.path() / name / file);
    std::vector<std::string> result;
    for (std::string line; std::getline(stream, line);) result.push_back(line);
    return result;
  }

  TemporaryDirectory temporary_;
};

// All of Bristle: four classes of ten for pre-training, six for the peers.
std::vector<std::string> bristle() {
  return {"aggregator={kind: bristle}",
          "model={kind: mlp, hidden: [16], output_bias: false, "
          "pretraining: {classes: [1, 4, 7, 8]}}",
          "data.partition={kind: classes, choice: sliding, least_classes: 2, most_classes: 2}",
          "training.classes=own",
          "adversaries=[{peers: [0, 4, 8], attack: {kind: label_flip, "
          "share: 100%, to: next}}]"};
}

TEST_F(Attacked, FrozenLayersAreNotSent) {
  std::vector<std::string> head = bristle();
  head.push_back("training.layers=head");
  ASSERT_EQ(run("whole", bristle()).exit_code, 0);
  ASSERT_EQ(run("head", head).exit_code, 0);
  const nlohmann::json whole_sent = summary("whole");
  const nlohmann::json head_sent = summary("head");
  const auto messages = head_sent["messages"].get<std::int64_t>();
  EXPECT_GT(messages, 0);
  EXPECT_EQ(whole_sent["messages"], messages);
  // 20 x 16 weights and 16 biases below the output layer, four bytes each.
  const auto less =
      whole_sent["bytes_sent"].get<std::int64_t>() - head_sent["bytes_sent"].get<std::int64_t>();
  EXPECT_EQ(less, messages * 336 * 4);
  // 6 x 16 weights are left, and less than as much again for the header.
  EXPECT_LT(head_sent["bytes_sent"].get<std::int64_t>(), messages * 2 * 96 * 4);
  EXPECT_GT(head_sent["final"]["accuracy_mean"].get<double>(), 1.5 / 6.0);
}

TEST_F(Attacked, FrozenLayersLeaveDigestsToSeedAndScenario) {
  std::vector<std::string> head = bristle();
  head.push_back("training.layers=head");
  ASSERT_EQ(run("one", head, {"--workers", "1"}).exit_code, 0);
  ASSERT_EQ(run("two", head, {"--workers", "2"}).exit_code, 0);
  for (const char* const digest : {"model_digest", "event_digest"}) {
    EXPECT_EQ(summary("one")[digest], summary("two")[digest]);
  }
  head.push_back("seeds.init=2");
  ASSERT_EQ(run("other", head).exit_code, 0);
  EXPECT_NE(summary("one")["model_digest"], summary("other")["model_digest"]);
}

TEST_F(Attacked, AttackersAreNamedAndEnterNoStatistics) {
  ASSERT_EQ(run("plain").exit_code, 0);
  int attackers = 0;
  double sum = 0.0;
  int honest = 0;
  for (const std::string& line : lines("plain", "peers.csv")) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    if (cells[0] != "12") continue;
    if (cells[3] == "attacker") {
      ++attackers;
    } else {
      EXPECT_EQ(cells[3], "honest");
      ++honest;
      sum += std::stod(cells[5]);
    }
  }
  EXPECT_EQ(attackers, 3);
  EXPECT_EQ(honest, 9);
  const nlohmann::json json = summary("plain");
  EXPECT_EQ(json["final"]["peers"], 9);
  EXPECT_NEAR(json["final"]["accuracy_mean"], sum / 9.0, 1e-12);
  EXPECT_EQ(json["time_to_accuracy"][0]["peers"], 9);
  EXPECT_EQ(json["attacks"]["attackers"], 3);
  EXPECT_LE(json["attacks"]["most_attacking_neighbors"], 2);
  EXPECT_DOUBLE_EQ(json["attacks"]["influence"], 1.0);  // Equal weights, of a regular graph.
  EXPECT_DOUBLE_EQ(json["final"]["influence"], 1.0);
}

TEST_F(Attacked, AttacksCostAccuracyThatARobustRuleSaves) {
  ASSERT_EQ(run("mixing").exit_code, 0);
  ASSERT_EQ(run("robust", {"aggregator={kind: monna, f: 2}"}).exit_code, 0);
  const double mixing = summary("mixing")["final"]["accuracy_mean"];
  const nlohmann::json robust = summary("robust");
  EXPECT_GT(robust["final"]["accuracy_mean"].get<double>(), mixing + 0.2);
  EXPECT_LT(robust["attacks"]["influence"].get<double>(), 0.2);
}

TEST_F(Attacked, DigestsDoNotDependOnWorkers) {
  ASSERT_EQ(run("one", {}, {"--workers", "1"}).exit_code, 0);
  ASSERT_EQ(run("three", {}, {"--workers", "3"}).exit_code, 0);
  EXPECT_EQ(summary("one")["model_digest"], summary("three")["model_digest"]);
  EXPECT_EQ(summary("one")["event_digest"], summary("three")["event_digest"]);
  ASSERT_EQ(run("other", {"seeds={attack: 7}"}).exit_code, 0);
  EXPECT_NE(summary("one")["model_digest"], summary("other")["model_digest"]);
}

TEST_F(Attacked, RulesThatTryModelsDoSoOnHeldOutSamples) {
  ASSERT_EQ(run("ubar", {"aggregator={kind: ubar}"}).exit_code, 0);
  ASSERT_EQ(run("mixing").exit_code, 0);
  EXPECT_GT(summary("ubar")["final"]["time_s"].get<double>(),
            summary("mixing")["final"]["time_s"].get<double>());
  const ProgramResult none = run("none", {"aggregator={kind: ubar}", "data.validation=0"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("data.validation: must be above 0"), std::string::npos) << none.err;
}

TEST_F(Attacked, NeighborhoodsThatAreTooSmallAreRefusedBeforeTheRun) {
  const ProgramResult result = run("small", {"aggregator={kind: monna, f: 3}"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("peer 0 with 4 neighbors"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("feasible from"), std::string::npos) << result.err;
  EXPECT_EQ(run("skip", {"aggregator={kind: monna, f: 3, on_infeasible: skip}"}).exit_code, 0);
  EXPECT_EQ(summary("skip")["infeasible_aggregations"], 12 * 12);
}

TEST_F(Attacked, PoisonedLabelsActThroughTraining) {
  const std::string flip =
      "adversaries=[{peers: [0, 4, 8], attack: {kind: label_flip, share: 100%}}]";
  ASSERT_EQ(run("flip", {flip}).exit_code, 0);
  ASSERT_EQ(run("clean", {"adversaries=[]"}).exit_code, 0);
  EXPECT_EQ(summary("flip")["final"]["peers"], 9);
  EXPECT_NE(summary("flip")["model_digest"], summary("clean")["model_digest"]);
  EXPECT_EQ(summary("clean")["attacks"]["influence"], nullptr);
}

}  // namespace
}  // namespace hearsay

// `hearsay deploy` and `hearsay sweep` on a Slurm cluster.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/program.hpp"
#include "scenarios/slurm.hpp"
#include "tests/deploy/deployed_fixture.hpp"
#include "tests/deploy/secrets.hpp"
#include "tests/deploy/slurm_cluster.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The cluster is there for all tests; each finds both nodes idle.
class Slurm : public Deployed {
 protected:
  static void SetUpTestSuite() {
    if (!SlurmCluster::obstacle()) cluster_ = std::make_unique<SlurmCluster>();
  }
  static void TearDownTestSuite() { cluster_.reset(); }

  void SetUp() override {
    if (const auto obstacle = SlurmCluster::obstacle()) GTEST_SKIP() << *obstacle;
    cluster_->revive();
  }

  void TearDown() override {
    if (HasFailure()) std::fputs(cluster_->logs().c_str(), stderr);
  }

  bool has_ended(std::size_t program) {
    return until([&] { return programs_.exit_code(program).has_value(); });
  }

  std::string log(const std::string& name) const { return contents(out(name + ".log")); }

  /// The job that a program has submitted, as it says.
  std::string job_of(const std::string& name) const {
    const std::string text = log(name);
    const std::size_t at = text.find("job           ");
    return at == std::string::npos ? "" : text.substr(at + 14, text.find('\n', at) - at - 14);
  }

  static std::unique_ptr<SlurmCluster> cluster_;
};

std::unique_ptr<SlurmCluster> Slurm::cluster_;

TEST_F(Slurm, RunsTheQuickstartOnTwoNodes) {
  const std::string quickstart =
      contents(fs::path(HEARSAY_SOURCE_DIR) / "scenarios/quickstart.yaml");
  const std::vector<std::string> shorter{"-c", "protocol.rounds=10", "-c",
                                         "evaluation.samples=500"};
  std::vector<std::string> run{"run", write_scenario(quickstart), "--out", out("simulated")};
  run.insert(run.end(), shorter.begin(), shorter.end());
  ASSERT_EQ(run_hearsay(run).exit_code, 0);
  std::vector<std::string> more{"--launcher", "slurm", "--processes", "2"};
  more.insert(more.end(), shorter.begin(), shorter.end());
  const ProgramResult live = deploy(quickstart, "live", more);
  ASSERT_EQ(live.exit_code, 0) << live.err;
  EXPECT_EQ(summary("live").at("model_digest"), summary("simulated").at("model_digest"));
  EXPECT_EQ(without_times(out("live") / "metrics.csv"),
            without_times(out("simulated") / "metrics.csv"));
  for (const char* const node : {"h1", "h2"}) {
    EXPECT_THAT(log_of("live", node), HasSubstr("done; refused: nothing")) << node;
  }
  EXPECT_THAT(live.out, HasSubstr("model digest"));
  EXPECT_EQ(contents(out("live") / "logs/job.out"), live.out);
  EXPECT_EQ(secrets_in(out("live")), std::vector<fs::path>{});
}

TEST_F(Slurm, RunsTheDocumentedJob) {
  const std::string path = fs::path(HEARSAY_BINARY).parent_path().string() + ":" + getenv("PATH");
  const std::string job = output_of(
      {"sbatch", "--parsable", "--export=ALL,PATH=" + path, "--output=" + out("job.log").string(),
       fs::path(HEARSAY_SOURCE_DIR) / "scenarios/deploy.sbatch",
       fs::path(HEARSAY_SOURCE_DIR) / "scenarios/ring_of_quadratics.yaml", "--out", out("live")});
  ASSERT_TRUE(until([&] {
    const auto tasks = tasks_of_job(job.substr(0, job.find('\n')));
    return !tasks.empty() && is_over(tasks.front(), false);
  }));
  EXPECT_EQ(summary("live").at("status"), "done") << contents(out("job.log"));
  EXPECT_EQ(load_deployment(out("live") / "deployment.yaml").processes.at(1).name, "h2");
}

TEST_F(Slurm, ALostNodeIsReportedAndSurvived) {
  const std::size_t run = start(kLong, "live", {"--launcher", "slurm"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); })) << log("live");
  cluster_->kill_node("h2");
  ASSERT_TRUE(has_ended(run));
  EXPECT_EQ(*programs_.exit_code(run), 0) << log("live");
  EXPECT_THAT(log("live"), HasSubstr("warning: h2 is silent; going on without it"));
  const nlohmann::json ended = summary("live");
  EXPECT_EQ(ended.at("final").at("round"), 400);
  EXPECT_EQ(ended.at("churn").at("live_peers"), 4);
  EXPECT_EQ(ended.at("churn").at("lost_peers"), 4);
  EXPECT_EQ(count_events("live", "process_lost"), 1);
}

// Slurm says that the node is down when its timeout has passed; here it is told so.
TEST_F(Slurm, AProcessOfALostNodeGoesOnOnAnother) {
  const std::size_t run =
      start(kLong, "live", {"--launcher", "slurm", "--restarts", "1", "-c", "protocol.rounds=800"});
  ASSERT_TRUE(until([&] { return fs::exists(out("live") / "state/h2.ckpt"); })) << log("live");
  cluster_->kill_node("h2");
  output_of({"scontrol", "update", "NodeName=h2", "State=DOWN", "Reason=lost"});
  ASSERT_TRUE(has_ended(run));
  EXPECT_EQ(*programs_.exit_code(run), 0) << log("live");
  EXPECT_THAT(log_of("live", "h2"), HasSubstr("goes on from"));
  EXPECT_EQ(summary("live").at("churn").at("live_peers"), 8);
  EXPECT_EQ(summary("live").at("final").at("round"), 800);
  EXPECT_EQ(count_events("live", "process_back"), 1);
}

TEST_F(Slurm, AJobThatLosesItsFirstNodeBeginsAgain) {
  const std::size_t run = start(kLong, "live", {"--launcher", "slurm"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); })) << log("live");
  cluster_->kill_node("h1");
  output_of({"scontrol", "update", "NodeName=h1", "State=DOWN", "Reason=lost"});
  ASSERT_TRUE(until([&] { return log("live").find(" begins again") != std::string::npos; }));
  cluster_->start_node("h1");
  ASSERT_TRUE(has_ended(run));
  EXPECT_EQ(*programs_.exit_code(run), 0) << log("live");
  EXPECT_EQ(summary("live").at("status"), "done");
  EXPECT_EQ(summary("live").at("churn").at("live_peers"), 8);
}

TEST_F(Slurm, AnInterruptCancelsTheJobWhichKeepsItsResults) {
  const std::size_t run =
      start(kLong, "live", {"--launcher", "slurm", "-c", "protocol.rounds=100000"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); })) << log("live");
  programs_.signal_all(SIGINT);
  ASSERT_TRUE(has_ended(run));
  EXPECT_EQ(*programs_.exit_code(run), 130) << log("live");
  EXPECT_EQ(summary("live").at("status"), "interrupted");
  EXPECT_EQ(tasks_of_job(job_of("live")).at(0).state, "CANCELLED");
}

TEST_F(Slurm, AJobThatFailsSaysWhyAndHow) {
  const ProgramResult many =
      deploy(kLong, "live", {"--launcher", "slurm", "--processes", "9", "--sbatch=--nodes=2"});
  EXPECT_EQ(many.exit_code, 2);
  EXPECT_THAT(many.err, HasSubstr("error: --processes: 9 for 8 peers; at most one per peer\n"));
  EXPECT_FALSE(fs::exists(out("live")));
  const ProgramResult refused =
      deploy(kLong, "live", {"--launcher", "slurm", "--sbatch=--partition=nowhere"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("sbatch failed: sbatch: error: invalid partition"));
}

TEST_F(Slurm, AJobThatCannotBeginSaysWhatItWaitsFor) {
  const std::size_t run = start(kLong, "live", {"--launcher", "slurm", "--processes", "3"});
  ASSERT_TRUE(until([&] { return log("live").find(" waits (") != std::string::npos; }));
  programs_.signal_all(SIGINT);
  ASSERT_TRUE(has_ended(run));
  EXPECT_EQ(*programs_.exit_code(run), 130);
}

constexpr const char* kGrid = R"(name: corners
peers: 16
topology: {kind: ring}
model: {kind: quadratic, dimension: 8}
training: {optimizer: {kind: sgd, lr: 0.1}, local_steps: 1}
protocol: {kind: dpsgd, rounds: 40}
sweep: {topology.kind: [ring, complete], training.optimizer.lr: [0.1, 0.05], seed: [1, 2]}
)";

class SlurmSweep : public Slurm {
 protected:
  std::vector<std::string> arguments(const std::string& scenario, const std::string& name,
                                     const std::vector<std::string>& more) const {
    std::vector<std::string> all{"sweep", write_scenario(scenario), "--out", out(name)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ProgramResult sweep(const std::string& scenario, const std::string& name,
                      const std::vector<std::string>& more) const {
    return run_hearsay(arguments(scenario, name, more));
  }

  std::size_t start_sweep(const std::string& scenario, const std::string& name) {
    std::vector<std::string> all = arguments(scenario, name, {"--launcher", "slurm"});
    all.insert(all.begin(), HEARSAY_BINARY);
    return programs_.start({.name = name, .arguments = all, .log = out(name + ".log")});
  }

  /// sweep.csv without its last column, the wall time.
  std::string table(const std::string& name) const {
    std::istringstream lines(contents(out(name) / "sweep.csv"));
    std::string text;
    for (std::string line; std::getline(lines, line);) {
      text += line.substr(0, line.rfind(',')) + "\n";
    }
    return text;
  }

  std::string job(const std::string& name) const { return contents(out(name) / "tasks/job"); }

  bool is_done(const std::string& name, const std::string& point) const {
    return fs::exists(out(name) / point / "summary.json");
  }
};

// One run ends at once, one is under way when it has.
constexpr const char* kShortAndLong = R"(name: two
peers: 16
topology: {kind: ring}
model: {kind: quadratic, dimension: 8}
protocol: {kind: dpsgd, rounds: 10}
evaluation: {every_rounds: 1000}
sweep: {protocol.rounds: [10, 2000000]}
)";
constexpr const char* kShort = "protocol.rounds=10";
constexpr const char* kLongRun = "protocol.rounds=2000000";

TEST_F(SlurmSweep, GivesWhatALocalSweepGives) {
  ASSERT_EQ(sweep(kGrid, "local", {}).exit_code, 0);
  const ProgramResult array = sweep(kGrid, "array", {"--launcher", "slurm"});
  ASSERT_EQ(array.exit_code, 0) << array.err;
  EXPECT_THAT(array.out, HasSubstr("8 runs: 8 done, 0 stalled, 0 failed"));
  EXPECT_THAT(array.err, HasSubstr("8/8 ended, 0 failed"));
  EXPECT_EQ(table("array"), table("local"));
  EXPECT_EQ(contents(out("array") / "table.md"), contents(out("local") / "table.md"));
  EXPECT_EQ(fs::exists(out("array") / "heatmap_topology.kind_training.optimizer.lr.svg"),
            fs::exists(out("local") / "heatmap_topology.kind_training.optimizer.lr.svg"));
  EXPECT_EQ(tasks_of_job(job("array")).size(), 8U);
  // Nothing is left to do: no second job.
  const std::string former = job("array");
  const ProgramResult again = sweep(kGrid, "array", {"--launcher", "slurm", "--resume"});
  EXPECT_THAT(again.out, HasSubstr("8 had ended before"));
  EXPECT_EQ(job("array"), former);
}

TEST_F(SlurmSweep, ARunThatFailsDoesNotStopTheOthers) {
  const std::string scenario =
      std::string(kGrid).substr(0, std::string(kGrid).find("sweep:")) +
      "sweep: {topology: [{kind: erdos_renyi, probability: 1%}, {kind: ring}]}\n";
  const ProgramResult result = sweep(scenario, "array", {"--launcher", "slurm"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("2 runs: 1 done, 0 stalled, 1 failed"));
  EXPECT_THAT(result.err, HasSubstr("failed: topology=kind-erdos_renyi-probability-1%: "));
}

TEST_F(SlurmSweep, AnInterruptCancelsTheArrayAndResumeGoesOn) {
  const std::size_t run = start_sweep(kShortAndLong, "array");
  ASSERT_TRUE(until([&] {
    return is_done("array", kShort) && fs::exists(out("array") / kLongRun / "manifest.json");
  })) << log("array");
  programs_.signal_all(SIGINT);
  ASSERT_TRUE(has_ended(run));
  EXPECT_EQ(*programs_.exit_code(run), 130) << log("array");
  EXPECT_THAT(log("array"), HasSubstr("go on with the same command and --resume"));
  EXPECT_TRUE(fs::exists(out("array") / kLongRun / "checkpoints"));
  const auto written = fs::last_write_time(out("array") / kShort / "summary.json");
  const ProgramResult resumed =
      sweep(kShortAndLong, "array",
            {"--launcher", "slurm", "--resume", "-c", "sweep={protocol.rounds: [10]}"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.out, HasSubstr("1 had ended before"));
  EXPECT_EQ(fs::last_write_time(out("array") / kShort / "summary.json"), written);
}

TEST_F(SlurmSweep, DoesNotBeginTwiceWhatStillRuns) {
  const std::size_t run = start_sweep(kShortAndLong, "array");
  ASSERT_TRUE(until([&] {
    return is_done("array", kShort) && fs::exists(out("array") / kLongRun / "manifest.json");
  })) << log("array");
  programs_.kill(run);
  const ProgramResult second = sweep(kShortAndLong, "array", {"--launcher", "slurm", "--resume"});
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.err, HasSubstr("end it with: scancel " + job("array") + "\n"));
  cancel_job(job("array"));
}

TEST_F(SlurmSweep, ATaskThatIsKilledIsAFailedRun) {
  const std::size_t run = start_sweep(kShortAndLong, "array");
  ASSERT_TRUE(until([&] {
    return is_done("array", kShort) && fs::exists(out("array") / kLongRun / "manifest.json");
  })) << log("array");
  cluster_->kill_task(1);
  ASSERT_TRUE(has_ended(run));
  EXPECT_EQ(*programs_.exit_code(run), 3) << log("array");
  EXPECT_THAT(log("array"), HasSubstr(std::string("failed: ") + kLongRun + ": its task in job " +
                                      job("array") + " left no result (FAILED)"));
}

}  // namespace
}  // namespace hearsay

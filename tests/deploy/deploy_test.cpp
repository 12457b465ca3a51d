// `hearsay deploy`: the scenario of a simulation as real processes.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "node/net/curve_keys.hpp"
#include "tests/deploy/deployed_fixture.hpp"
#include "tests/deploy/free_ports.hpp"
#include "tests/deploy/secrets.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSmall = R"(name: small
peers: 9
topology: {kind: random_regular, degree: 4}
data: {kind: gaussian_mixture, partition: {kind: dirichlet, alpha: 0.5}, validation: 10%}
model: {kind: mlp, hidden: [16]}
training: {optimizer: {kind: sgd, lr: 0.1, momentum: 0.5}, batch_size: 16, local_steps: 5}
protocol: {kind: dpsgd, rounds: 6}
aggregator: {kind: mixing, variance_correction: {target: others}}
evaluation: {every_rounds: 2, targets: [0.3], before_mixing: true, mean_model: true, local: true}
)";

TEST_F(Deployed, LeavesTheResultsOfTheSimulation) {
  ASSERT_EQ(run_hearsay({"run", write_scenario(kSmall), "--out", out("simulated")}).exit_code, 0);
  const ProgramResult live = deploy(kSmall, "live", {"--processes", "3"});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  const nlohmann::json simulated_summary = summary("simulated");
  const nlohmann::json live_summary = summary("live");
  EXPECT_EQ(live_summary.at("model_digest"), simulated_summary.at("model_digest"));
  for (const char* const key : {"bytes_sent", "messages", "steps", "train_samples", "staleness",
                                "validation_accuracy_mean"}) {
    EXPECT_EQ(live_summary.at(key), simulated_summary.at(key)) << key;
  }
  for (const char* const file : {"metrics.csv", "peers.csv"}) {
    EXPECT_EQ(without_times(out("live") / file), without_times(out("simulated") / file));
  }
  for (const char* const file : {"manifest.json", "scenario.yaml", "events.jsonl", "sides.csv"}) {
    EXPECT_TRUE(fs::exists(out("live") / file)) << file;
  }
}

// A rule that remembers, and one that tries models; messages of two peers are crafted.
TEST_F(Deployed, AttacksAndRulesActAsInTheSimulation) {
  for (const std::string rule : {"balance", "ubar"}) {
    const std::vector<std::string> more{
        "-c", "aggregator={kind: " + rule + "}", "-c",
        "adversaries=[{peers: [2, 7], attack: {kind: sign_flip, scale: 1}}]"};
    std::vector<std::string> arguments{"run", write_scenario(kSmall), "--out", out("simulated")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ASSERT_EQ(run_hearsay(arguments).exit_code, 0);
    arguments = more;
    arguments.insert(arguments.end(), {"--processes", "3"});
    const ProgramResult live = deploy(kSmall, "live", arguments);
    ASSERT_EQ(live.exit_code, 0) << live.err;
    EXPECT_EQ(summary("live").at("model_digest"), summary("simulated").at("model_digest")) << rule;
    EXPECT_EQ(summary("live").at("attacks"), summary("simulated").at("attacks")) << rule;
  }
}

// Processes get their keys on their standard input.
TEST_F(Deployed, ShowsSecretKeysToNobody) {
  const fs::path temporary = temporary_.path() / "tmp";
  fs::create_directory(temporary);
  const std::size_t run = programs_.start(
      {.name = "live",
       .arguments = {"env", "TMPDIR=" + temporary.string(), HEARSAY_BINARY, "deploy",
                     write_scenario(kLong), "--out", out("live"), "--processes", "2"},
       .log = out("live.log")});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); }));
  const std::string process = "/proc/" + std::to_string(process_of("live", "host-1"));
  const std::string seen = contents(process + "/cmdline") + contents(process + "/environ");
  EXPECT_NE(seen.find("host-1"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(temporary));
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  const std::set<std::string> public_keys = public_keys_of(out("live"));
  EXPECT_EQ(public_keys.size(), 3U);  // The recorder's too.
  EXPECT_FALSE(has_secret(seen + contents(out("live.log")), public_keys));
  EXPECT_EQ(secrets_in(out("live")), std::vector<fs::path>{});
}

// What the test above looks for is found where it is.
TEST(Secrets, AreFoundInText) {
  const KeyPair pair = make_key_pair();
  EXPECT_TRUE(has_secret("key: '" + pair.secret_key + "'", {pair.public_key}));
  EXPECT_FALSE(has_secret("key: '" + pair.public_key + "'", {pair.public_key}));
}

// By the end of their standard input.
TEST_F(Deployed, ProcessesEndWithWhoeverStartedThem) {
  const std::size_t run =
      start(kLong, "live", {"--processes", "2", "-c", "protocol.rounds=1000000"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); }));
  programs_.kill(run);
  for (const char* const host : {"host-0", "host-1"}) {
    EXPECT_TRUE(until([&] { return kill(process_of("live", host), 0) != 0; })) << host;
    EXPECT_NE(log_of("live", host).find("stopped; refused"), std::string::npos) << host;
  }
}

TEST_F(Deployed, GoesOnWithoutAProcessThatIsKilled) {
  const std::size_t run = start(kLong, "live", {"--processes", "4"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); }));
  ASSERT_EQ(kill(process_of("live", "host-2"), SIGKILL), 0);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  const nlohmann::json ended = summary("live");
  EXPECT_EQ(ended.at("churn").at("lost_peers"), 2);
  EXPECT_EQ(ended.at("churn").at("live_peers"), 6);
  EXPECT_EQ(ended.at("final").at("round"), 400);
  EXPECT_TRUE(ended.at("model_digest").is_null());
  EXPECT_EQ(count_events("live", "process_lost"), 1);
  EXPECT_EQ(count_events("live", "crash"), 2);
}

TEST_F(Deployed, TakesAProcessBackThatIsStartedAnew) {
  const std::size_t run =
      start(kLong, "live", {"--processes", "4", "--restarts", "1", "-c", "protocol.rounds=700"});
  ASSERT_TRUE(until([&] { return fs::exists(out("live") / "state" / "host-1.ckpt"); }));
  ASSERT_EQ(kill(process_of("live", "host-1"), SIGKILL), 0);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  EXPECT_NE(log_of("live", "host-1").find("goes on from"), std::string::npos);
  const nlohmann::json ended = summary("live");
  EXPECT_EQ(ended.at("churn").at("live_peers"), 8);
  EXPECT_EQ(ended.at("churn").at("lost_peers"), 0);
  EXPECT_FALSE(ended.at("model_digest").is_null());
  EXPECT_EQ(count_events("live", "process_back"), 1);
  EXPECT_EQ(count_events("live", "restart"), 2);
}

TEST_F(Deployed, StopsWhenInterrupted) {
  const std::size_t run = start(kLong, "live", {"--processes", "2"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); }));
  programs_.signal_all(SIGINT);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 130);
  EXPECT_EQ(summary("live").at("status"), "interrupted");
}

TEST_F(Deployed, SaysWhoWaitsForWhomWhenItStalls) {
  const std::string waiting = std::string(kLong).replace(
      std::string(kLong).find(", missing: drop, timeout: 300ms"), 31, "");
  const std::size_t run = start(waiting, "live", {"--processes", "4", "--stall", "2s"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); }));
  ASSERT_EQ(kill(process_of("live", "host-3"), SIGKILL), 0);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 4);
  EXPECT_NE(contents(out("live.log")).find("peer 0 waits for 6"), std::string::npos)
      << contents(out("live.log"));
  EXPECT_TRUE(fs::exists(out("live") / "wait_for.dot"));
}

TEST_F(Deployed, EnforcesTheScenariosFaults) {
  const std::string faulty = std::string(kLong) + R"(faults:
  - {at: 200ms, partition: [[0-3], [4-7]], until: 900ms}
  - {at: 300ms, crash: [1]}
  - {at: 600ms, restart: [1]}
  - {at: 500ms, leave: [6]}
)";
  const ProgramResult live = deploy(faulty, "live", {"--processes", "3"});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  const nlohmann::json ended = summary("live");
  EXPECT_EQ(ended.at("churn").at("live_peers"), 7);
  EXPECT_EQ(ended.at("churn").at("lost_peers"), 1);
  EXPECT_EQ(ended.at("final").at("round"), 400);
  EXPECT_GT(ended.at("messages_dropped"), 0);
  for (const char* const kind : {"crash", "restart", "leave", "partition", "heal"}) {
    EXPECT_EQ(count_events("live", kind), 1) << kind;
  }
}

TEST_F(Deployed, EmulatesTheScenariosNetwork) {
  // Six rounds, each with one latency between training and aggregation: at least 0.6 s.
  const std::string slow = std::string(kSmall) + "network: {kind: links, latency: 100ms}\n";
  ASSERT_EQ(deploy(slow, "live", {"--processes", "2", "--emulate-network"}).exit_code, 0);
  EXPECT_GE(summary("live").at("final").at("time_s"), 0.6);
  EXPECT_LT(summary("live").at("final").at("time_s"), 5.0);
}

TEST_F(Deployed, EmulatesTheScenariosComputeModel) {
  // Six rounds of 5 * 20 + 15 ms; models and bytes are what they are without.
  const std::string slow =
      std::string(kSmall) + "compute: {kind: fixed, step_time: 20ms, aggregation_time: 15ms}\n";
  ASSERT_EQ(run_hearsay({"run", write_scenario(slow), "--out", out("simulated")}).exit_code, 0);
  const ProgramResult live = deploy(slow, "live", {"--processes", "3", "--emulate-compute"});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  EXPECT_GE(summary("live").at("final").at("time_s"), 0.69);
  EXPECT_LT(summary("live").at("final").at("time_s"), 5.0);
  EXPECT_EQ(summary("live").at("model_digest"), summary("simulated").at("model_digest"));
  const std::string log = log_of("live", "host-0");
  EXPECT_NE(log.find("work that took longer than the compute model says: "), std::string::npos)
      << log;
}

TEST_F(Deployed, RefusesWhatCannotBe) {
  const ProgramResult many = deploy(kSmall, "live", {"--processes", "10"});
  EXPECT_EQ(many.exit_code, 2);
  EXPECT_EQ(many.err, "error: --processes: 10 for 9 peers; at most one per peer\n");
  EXPECT_FALSE(fs::exists(out("live")));
  const ProgramResult measured =
      deploy(std::string(kSmall) + "compute: {kind: measured}\n", "live", {"--emulate-compute"});
  EXPECT_EQ(measured.exit_code, 2);
  EXPECT_EQ(measured.err,
            "error: --emulate-compute: needs a compute model other than `measured`, such as "
            "fixed\n");
  const ProgramResult launcher = deploy(kSmall, "live", {"--launcher", "lokal"});
  EXPECT_EQ(launcher.exit_code, 2);
}

TEST_F(Deployed, WarnsOfPlaintext) {
  const ProgramResult live = deploy(kSmall, "live", {"--processes", "2", "--plaintext"});
  EXPECT_EQ(live.exit_code, 0);
  EXPECT_NE(live.err.find("warning: nothing is encrypted"), std::string::npos) << live.err;
}

// Each scheduler has its own name for the rank. They are told one address, of process 0.
TEST_F(Deployed, ProcessesOfSchedulersFindTheirPlaceByRankAndOneAddress) {
  const std::vector<std::string> places{"name: recorder", "name: left, first_peer: 0, peers: 3",
                                        "name: middle, first_peer: 3, peers: 3",
                                        "name: right, first_peer: 6, peers: 3"};
  std::string text = "scenario: " + write_scenario(kSmall).string() + "\nprocesses:\n";
  const std::string keys = temporary_.path() / "keys";
  for (const std::string& place : places) {
    const std::string name = place.substr(6, place.find(',') - 6);
    const std::string key = run_hearsay({"keys", "--keys", keys, "new", name}).out.substr(0, 40);
    text += "  - {" + place + ", key: '" + key + "'}\n";
  }
  std::ofstream(out("deployment.yaml")) << text;
  const std::string rendezvous =
      "HEARSAY_RENDEZVOUS=tcp://127.0.0.1:" + std::to_string(free_ports(1).front());
  const std::vector<std::vector<std::string>> schedulers{
      {"SLURM_PROCID=0", "SLURM_NTASKS=4"},
      {"OMPI_COMM_WORLD_RANK=1", "OMPI_COMM_WORLD_SIZE=4"},
      {"PMI_RANK=2", "PMI_SIZE=4"},
      {"JOB_COMPLETION_INDEX=3"}};
  for (const std::vector<std::string>& variables : schedulers) {
    std::vector<std::string> arguments{"env", rendezvous};
    arguments.insert(arguments.end(), variables.begin(), variables.end());
    arguments.insert(arguments.end(),
                     {HEARSAY_BINARY, "node", "--deployment", out("deployment.yaml"), "--keys",
                      keys, "--out", out("live")});
    programs_.start(
        {.name = variables[0], .arguments = arguments, .log = out(variables[0] + ".log")});
  }
  ASSERT_TRUE(until([&] { return programs_.all_ended(); }));
  for (std::size_t i = 0; i < schedulers.size(); ++i) {
    EXPECT_EQ(programs_.exit_code(i), 0) << contents(programs_.launch(i).log);
  }
  ASSERT_EQ(run_hearsay({"run", out("scenario.yaml"), "--out", out("simulated")}).exit_code, 0);
  EXPECT_EQ(summary("live").at("model_digest"), summary("simulated").at("model_digest"));
}

class Keys : public testing::Test {
 protected:
  ProgramResult keys(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"keys", "--keys", temporary_.path() / "keys"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_hearsay(arguments);
  }

  TemporaryDirectory temporary_;
};

TEST_F(Keys, AreMadeListedAndRevoked) {
  const ProgramResult made = keys({"new", "alpha"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  ASSERT_EQ(made.out.size(), 41U);
  const std::string key = made.out.substr(0, 40);
  ASSERT_EQ(keys({"new", "beta"}).exit_code, 0);
  EXPECT_EQ(keys({"new", "alpha"}).exit_code, 2);  // Never replaced.
  EXPECT_NE(keys({"list"}).out.find(key + "  alpha\n"), std::string::npos);
  EXPECT_EQ(keys({"revoke", "alpha"}).out, key + "\n");
  EXPECT_NE(keys({"list"}).out.find(key + "  alpha  revoked\n"), std::string::npos);
  const ProgramResult unknown = keys({"revoke", "betta"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("did you mean beta?"), std::string::npos) << unknown.err;
}

TEST_F(Keys, AreForTheirOwnerAlone) {
  ASSERT_EQ(keys({"new", "alpha"}).exit_code, 0);
  struct stat status {};
  ASSERT_EQ(stat((temporary_.path() / "keys" / "alpha.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(keys({"list"}).out.find(contents(temporary_.path() / "keys" / "alpha.key")),
            std::string::npos);
}

}  // namespace
}  // namespace hearsay

// `hearsay deploy --hosts`: processes that ssh starts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/deploy/deployed_fixture.hpp"
#include "tests/deploy/secrets.hpp"
#include "tests/deploy/ssh_server.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Ssh : public Deployed {
 protected:
  static void SetUpTestSuite() {
    if (!SshServer::obstacle()) server_ = std::make_unique<SshServer>();
  }
  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    if (const auto obstacle = SshServer::obstacle()) GTEST_SKIP() << *obstacle;
  }

  /// A file of two hosts, this machine by two names; the second takes three quarters.
  std::string hosts(const std::string& program = HEARSAY_BINARY) const {
    const fs::path path = temporary_.path() / "hosts.yaml";
    const std::string place =
        ", program: '" + program + "', directory: '" + temporary_.path().string() + "'}\n";
    std::ofstream(path) << "ssh: '" << server_->command() << "'\naddress: 127.0.0.1\nhosts:\n"
                        << "  - {host: left.test" << place
                        << "  - {host: right.test, name: right, share: 3" << place;
    return path;
  }

  /// Kills the ssh client that started a process: the one whose command line names it.
  static void break_session(const std::string& name) {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      std::string words;
      std::getline(file, words);
      const bool is_session = words.starts_with("ssh") &&
                              words.find(server_->command().substr(7)) != std::string::npos &&
                              words.find("'--host' '" + name + "'") != std::string::npos;
      if (is_session) kill(std::stoi(entry.path().filename()), SIGKILL);
    }
  }

  bool is_gone(pid_t process) {
    return until([&] { return kill(process, 0) != 0; });
  }

  static std::unique_ptr<SshServer> server_;
};

std::unique_ptr<SshServer> Ssh::server_;

TEST_F(Ssh, LeavesTheResultsOfTheSimulation) {
  const std::vector<std::string> shorter{"-c", "protocol.rounds=20"};
  ASSERT_EQ(run_hearsay({"run", write_scenario(kLong), "--out", out("simulated"), "-c",
                         "protocol.rounds=20", "-c", "protocol.missing=wait"})
                .exit_code,
            0);
  const ProgramResult live =
      deploy(kLong, "live",
             {"--hosts", hosts(), "-c", "protocol.rounds=20", "-c", "protocol.missing=wait"});
  ASSERT_EQ(live.exit_code, 0) << live.err;
  EXPECT_EQ(summary("live").at("model_digest"), summary("simulated").at("model_digest"));
  const Deployment deployment = load_deployment(out("live") / "deployment.yaml");
  ASSERT_EQ(deployment.processes.size(), 3U);
  EXPECT_EQ(deployment.processes[0].name, "left.test");
  EXPECT_EQ(deployment.processes[0].peers, 2);
  EXPECT_EQ(deployment.processes[1].peers, 6);
  for (const char* const name : {"left.test", "right"}) {
    EXPECT_THAT(log_of("live", name), HasSubstr("done; refused: nothing"));
  }
  EXPECT_EQ(secrets_in(out("live")), std::vector<fs::path>{});
}

TEST_F(Ssh, KeepsSecretsOffCommandLinesAndDisks) {
  start(kLong, "live", {"--hosts", hosts(), "-c", "protocol.rounds=100000"});
  ASSERT_TRUE(until([&] { return process_of("live", "right") > 0; })) << contents(out("live.log"));
  const std::string command =
      contents("/proc/" + std::to_string(process_of("live", "right")) + "/cmdline");
  EXPECT_EQ(command, std::string(HEARSAY_BINARY) + '\0' + "node" + '\0' + "--deployment" + '\0' +
                         "-" + '\0' + "--host" + '\0' + "right" + '\0');
  for (const auto& entry : fs::recursive_directory_iterator(temporary_.path())) {
    EXPECT_NE(entry.path().extension(), ".key");
  }
}

TEST_F(Ssh, GoesOnWithoutAProcessThatIsKilled) {
  const std::size_t run = start(kLong, "live", {"--hosts", hosts()});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); })) << contents(out("live.log"));
  ASSERT_EQ(kill(process_of("live", "left.test"), SIGKILL), 0);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  EXPECT_THAT(contents(out("live.log")), HasSubstr("left.test ended ("));
  EXPECT_EQ(summary("live").at("churn").at("live_peers"), 6);
  EXPECT_EQ(summary("live").at("final").at("round"), 400);
}

TEST_F(Ssh, StartsAProcessAgainThatFindsItsState) {
  const std::size_t run =
      start(kLong, "live", {"--hosts", hosts(), "--restarts", "1", "-c", "protocol.rounds=700"});
  const fs::path state = temporary_.path() / "hearsay-state" / "right.ckpt";
  ASSERT_TRUE(until([&] { return fs::exists(state); })) << contents(out("live.log"));
  ASSERT_EQ(kill(process_of("live", "right"), SIGKILL), 0);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  EXPECT_THAT(log_of("live", "right"), HasSubstr("goes on from"));
  EXPECT_EQ(summary("live").at("churn").at("live_peers"), 8);
}

// It stops, and says so; that is no end of the run's making.
TEST_F(Ssh, AProcessWhoseSessionBreaksIsLostAndStartedAgain) {
  const std::size_t run =
      start(kLong, "live", {"--hosts", hosts(), "--restarts", "1", "-c", "protocol.rounds=700"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); })) << contents(out("live.log"));
  break_session("right");
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 0) << contents(out("live.log"));
  EXPECT_EQ(count_events("live", "process_lost"), 1);
  EXPECT_EQ(count_events("live", "process_back"), 1);
  EXPECT_EQ(summary("live").at("churn").at("live_peers"), 8);
}

TEST_F(Ssh, ProcessesEndWithWhoeverStartedThem) {
  const std::size_t run =
      start(kLong, "live", {"--hosts", hosts(), "-c", "protocol.rounds=1000000"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); })) << contents(out("live.log"));
  const std::vector<pid_t> processes{process_of("live", "left.test"), process_of("live", "right")};
  programs_.kill(run);
  for (const pid_t process : processes) EXPECT_TRUE(is_gone(process));
}

TEST_F(Ssh, StopsWhenInterrupted) {
  const std::size_t run = start(kLong, "live", {"--hosts", hosts(), "-c", "protocol.rounds=9999"});
  ASSERT_TRUE(until([&] { return has_reached("live", 50); })) << contents(out("live.log"));
  programs_.signal_all(SIGINT);
  ASSERT_TRUE(until([&] { return programs_.exit_code(run).has_value(); }));
  EXPECT_EQ(*programs_.exit_code(run), 130);
  EXPECT_EQ(summary("live").at("status"), "interrupted");
  EXPECT_EQ(summary("live").at("churn").at("live_peers"), 8);
}

TEST_F(Ssh, SaysWhatAHostSaysThatCannotRunIt) {
  const ProgramResult live = deploy(kLong, "live", {"--hosts", hosts("/no/hearsay")});
  EXPECT_EQ(live.exit_code, 3);
  EXPECT_THAT(live.err, HasSubstr("error: the run failed: "));
  EXPECT_THAT(live.err, HasSubstr("/no/hearsay"));
}

TEST_F(Ssh, RefusesWhatCannotBe) {
  EXPECT_EQ(deploy(kLong, "live", {"--launcher", "ssh"}).err,
            "error: --launcher ssh: needs --hosts FILE\n");
  const std::string file = hosts();
  EXPECT_EQ(deploy(kLong, "live", {"--hosts", file, "--processes", "2"}).err,
            "error: --processes: the file after --hosts says how many there are\n");
  EXPECT_EQ(deploy(kLong, "live", {"--hosts", file, "--launcher", "local"}).err,
            "error: --hosts: is for --launcher ssh, not local\n");
  const ProgramResult few = deploy(kLong, "live", {"--hosts", file, "-c", "peers=1"});
  EXPECT_EQ(few.exit_code, 2);
  EXPECT_THAT(few.err, HasSubstr("hosts[0].share: leaves no peer to left.test"));
}

}  // namespace
}  // namespace hearsay

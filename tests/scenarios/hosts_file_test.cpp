#include "scenarios/hosts_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/ssh_launcher.hpp"
#include "tests/data/error_message.hpp"

namespace hearsay {
namespace {

HostsFile parse(const std::string& hosts) { return parse_hosts("hosts: " + hosts, "h.yaml"); }

std::string error_of(const std::string& hosts) {
  return user_error_of([&] { parse(hosts); });
}

TEST(HostsFile, NamesProcessesAfterTheirHosts) {
  const HostsFile file = parse("[{host: alice@node-1}, {host: node-2, name: second}]");
  EXPECT_EQ(file.hosts[0].process(), "alice@node-1");
  EXPECT_EQ(file.hosts[1].process(), "second");
  EXPECT_EQ(file.hosts[0].program, "hearsay");
}

// 10 peers: 4 are taken; of the other 6 the shares 1 and 3 cut at 1.5, rounded to 2.
TEST(HostsFile, SharesOutWhatOthersLeave) {
  const HostsFile file = parse("[{host: a}, {host: b, peers: 4}, {host: c, share: 3}]");
  EXPECT_EQ(share_out(file, 10, "h.yaml"), (std::vector<int>{2, 4, 4}));
  EXPECT_EQ(share_out(parse("[{host: a}, {host: b}, {host: c}]"), 8, "h.yaml"),
            (std::vector<int>{3, 2, 3}));
}

TEST(HostsFile, RefusesSharesThatDoNotFit) {
  const auto error = [](const std::string& hosts, int peers) {
    return user_error_of([&] { share_out(parse(hosts), peers, "h.yaml"); });
  };
  EXPECT_EQ(error("[{host: a, peers: 4}]", 5),
            "h.yaml: hosts: together they have 4, but the scenario has 5 peers");
  EXPECT_EQ(error("[{host: a, peers: 4}, {host: b}]", 3),
            "h.yaml: hosts: together they have 4, but the scenario has 3 peers");
  EXPECT_EQ(error("[{host: a, share: 9}, {host: b}]", 2),
            "h.yaml: hosts[1].share: leaves no peer to b, but the scenario has 2 peers");
}

TEST(HostsFile, RefusesWhatIsNoHost) {
  EXPECT_EQ(error_of("[]"), "h.yaml:1:1: hosts: is empty");
  EXPECT_EQ(error_of("[{host: -oProxyCommand=x}]"), "h.yaml:1:1: hosts[0].host: names no machine");
  EXPECT_EQ(error_of("[{host: a}, {host: a}]"),
            "h.yaml:1:1: hosts[1].name: \"a\" is there twice; give one another `name`");
  EXPECT_EQ(error_of("[{host: a, name: recorder}]"),
            "h.yaml:1:1: hosts[0].name: \"recorder\" cannot name a process; give it a `name` of "
            "letters, digits, - _ . @");
  EXPECT_EQ(error_of("[{host: a, address: 'tcp://a'}]"),
            "h.yaml:1:1: hosts[0].address: \"tcp://a\" is no NAME or NAME:PORT");
  EXPECT_EQ(error_of("[{hots: a}]"),
            "h.yaml:1:10: hosts[0].hots: unknown key; did you mean host? valid: host, name, "
            "address, listen, peers, share, directory, program, state");
}

TEST(Reach, IsEveryInterfaceAndTheGivenAddress) {
  EXPECT_EQ(reach_of("", "", "", "h.yaml"), (Reach{"tcp://*:*", ""}));
  EXPECT_EQ(reach_of("node-1", "", "", "h.yaml"), (Reach{"tcp://*:*", "tcp://node-1:*"}));
  EXPECT_EQ(reach_of("node-1:5555", "", "", "h.yaml"),
            (Reach{"tcp://*:5555", "tcp://node-1:5555"}));
  EXPECT_EQ(reach_of("node-1:5555", "tcp://10.0.0.1:5555", "", "h.yaml"),
            (Reach{"tcp://10.0.0.1:5555", "tcp://node-1:5555"}));
  EXPECT_EQ(reach_of("", "", "127.0.0.1", "h.yaml"), (Reach{"tcp://*:*", "tcp://127.0.0.1:*"}));
  EXPECT_EQ(user_error_of([] { reach_of("", "", "no host", "h.yaml"); }),
            "h.yaml: address: cannot be found out, since there is no way to no host; say where the "
            "hosts reach this machine");
}

// What the far end's shell runs, without a shell between it and the session.
TEST(SshLauncher, RunsTheProcessInItsFolder) {
  HostsFile file = parse("[{host: al@node, name: n, directory: /it's, program: /opt/h}]");
  file.ssh = "ssh -F  my_config";
  const NodeStart start{.place = 0, .name = "n", .run_directory = "/run", .encrypted = true};
  EXPECT_EQ(make_ssh_launcher(file, "h.yaml", /*saves=*/true)->command(start),
            (std::vector<std::string>{
                "ssh", "-F", "my_config", "-T", "al@node",
                "cd '/it'\\''s' && exec '/opt/h' 'node' '--deployment' '-' '--host' 'n' "
                "'--state' 'hearsay-state'"}));
}

}  // namespace
}  // namespace hearsay

#include "tests/deploy/ssh_server.hpp"

#include <poll.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "scenarios/program.hpp"
#include "tests/deploy/free_ports.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

// sshd insists on being called by its full name.
constexpr const char* kServer = "/usr/sbin/sshd";

// Where sshd, as root, confines what talks to strangers.
constexpr const char* kCell = "/run/sshd";

}  // namespace

std::optional<std::string> SshServer::obstacle() {
  if (!fs::exists(kServer)) return "sshd is not installed";
  if (run_program({"sh", "-c", "command -v ssh"}).exit_code != 0) return "ssh is not installed";
  return std::nullopt;
}

SshServer::SshServer() {
  const fs::path& place = temporary_.path();
  for (const char* const name : {"host", "user"}) {
    output_of({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name});
  }
  const std::string port = std::to_string(free_ports(1).front());
  std::ofstream(place / "sshd_config")
      << "ListenAddress 127.0.0.1\nPort " << port << "\nHostKey " << (place / "host").string()
      << "\nAuthorizedKeysFile " << (place / "user.pub").string()
      << "\nPidFile none\nStrictModes no\nUsePAM no\n"
         "PasswordAuthentication no\nPermitRootLogin yes\n";
  std::ofstream(place / "ssh_config") << "Host *\n  HostName 127.0.0.1\n  Port " << port
                                      << "\n  IdentityFile " << (place / "user").string()
                                      << "\n  IdentitiesOnly yes\n  BatchMode yes\n"
                                         "  StrictHostKeyChecking no\n  LogLevel ERROR\n"
                                         "  UserKnownHostsFile "
                                      << (place / "known_hosts").string() << "\n";
  if (geteuid() == 0) fs::create_directories(kCell);
  daemons_.start({.name = "sshd",
                  // If the test is killed it goes too.
                  .arguments = {"setpriv", "--pdeathsig", "KILL", kServer, "-D", "-e", "-f",
                                place / "sshd_config"},
                  .log = place / "log"});
  for (int tries = 0;
       run_program({"ssh", "-F", place / "ssh_config", "any", "true"}).exit_code != 0; ++tries) {
    if (tries > 100) throw std::runtime_error("sshd does not answer");
    poll(nullptr, 0, 50);
  }
}

std::string SshServer::command() const {
  return "ssh -F " + (temporary_.path() / "ssh_config").string();
}

}  // namespace hearsay

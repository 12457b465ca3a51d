#include "scenarios/ssh_launcher.hpp"

#include <sstream>
#include <utility>

#include "node/base/error.hpp"
#include "node/net/own_address.hpp"

namespace hearsay {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream text(line);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

/// The machine's name, without its user and port.
std::string machine_of(const Host& host) {
  if (!host.address.empty()) return host.address.substr(0, host.address.find(':'));
  return host.host.substr(host.host.find('@') + 1);
}

class SshLauncher final : public Launcher {
 public:
  SshLauncher(HostsFile file, std::string place, bool saves)
      : file_(std::move(file)), place_(std::move(place)), saves_(saves) {}

  std::vector<LaunchPlace> places(int peers) const override {
    const std::vector<int> counts = share_out(file_, peers, place_);
    std::vector<LaunchPlace> places;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const Host& host = file_.hosts[i];
      places.push_back({.name = host.process(),
                        .peers = counts[i],
                        .reach = reach_of(host.address, host.listen, "", place_)});
    }
    return places;
  }

  Reach recorder() const override {
    return reach_of(file_.address, file_.listen, machine_of(file_.hosts.front()), place_);
  }

  // `exec`: no shell stays between the session and the process.
  std::vector<std::string> command(const NodeStart& start) override {
    const Host& host = file_.hosts[start.place];
    std::string line = host.directory.empty() ? "" : "cd " + shell_quoted(host.directory) + " && ";
    line += "exec " + shell_line(node_command(host.program, start, saves_ ? host.state : ""));
    std::vector<std::string> words = words_of(file_.ssh);
    words.insert(words.end(), {"-T", host.host, line});
    return words;
  }

 private:
  HostsFile file_;
  std::string place_;
  bool saves_;
};

}  // namespace

std::unique_ptr<Launcher> make_ssh_launcher(HostsFile file, std::string place, bool saves) {
  return std::make_unique<SshLauncher>(std::move(file), std::move(place), saves);
}

Reach reach_of(const std::string& address, const std::string& listen, const std::string& others,
               const std::string& place) {
  const std::size_t colon = address.find(':');
  const std::string port = colon == std::string::npos ? "*" : address.substr(colon + 1);
  Reach reach{.listen = listen.empty() ? "tcp://*:" + port : listen, .address = ""};
  if (!address.empty()) {
    reach.address = "tcp://" + address.substr(0, colon) + ":" + port;
  } else if (!others.empty()) {
    const auto own = own_host_towards(others);
    if (!own) {
      throw UserError(place + ": address: cannot be found out, since there is no way to " + others +
                      "; say where the hosts reach this machine");
    }
    reach.address = "tcp://" + *own + ":*";
  }
  return reach;
}

}  // namespace hearsay

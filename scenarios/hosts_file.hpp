#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "node/base/describe.hpp"

/// Where a deployment runs, apart from what runs: hosts that ssh reaches.
///
///   hosts:
///     - {host: alice@node-1, address: 10.0.0.1, directory: /scratch/alice}
///     - {host: node-2, share: 3}

namespace hearsay {

/// A machine, and the process that runs on it.
struct Host {
  std::string host;  ///< As after ssh.
  std::string name;  ///< Of the process; empty: `host`.

  /// Where others reach it: a name or IPv4 address, with :PORT if the port must be that one.
  /// Empty: as it finds out (own_address.hpp).
  std::string address;
  std::string listen;  ///< ZeroMQ endpoint; empty: every interface, the port of `address`.
  int peers = 0;       ///< How many live on it; 0: by `share`.
  double share = 1.0;  ///< Of the peers left by those hosts that say how many.
  std::string directory;
  std::string program = "hearsay";
  std::string state = "hearsay-state";  ///< Folder, below `directory`.

  const std::string& process() const { return name.empty() ? host : name; }
  friend bool operator==(const Host&, const Host&) = default;
};

struct HostsFile {
  /// The program that connects, with its options; split at spaces.
  std::string ssh =
      "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 "
      "-o ServerAliveCountMax=3";
  std::string address;  ///< Of this machine, as Host::address.
  std::string listen;   ///< As Host::listen.
  std::vector<Host> hosts;

  friend bool operator==(const HostsFile&, const HostsFile&) = default;
};

template <class Visitor>
void describe(Visitor& visit, Host& host) {
  visit.required("host", host.host, "the machine, as after ssh: NAME or USER@NAME");
  visit("name", host.name, "of its process; empty: as `host`");
  visit("address", host.address, "where others reach it: NAME[:PORT]; empty: as it finds out");
  visit("listen", host.listen, "ZeroMQ endpoint to listen on; empty: every interface");
  visit("peers", host.peers, at_least(0), "how many live on it; 0: by `share`");
  visit("share", host.share, above(0), "of the peers that other hosts leave");
  visit("directory", host.directory, "where its process runs; empty: where ssh arrives");
  visit("program", host.program, "hearsay on that machine");
  visit("state", host.state, "folder for saved peers, with --restarts; empty: none");
}

template <class Visitor>
void describe(Visitor& visit, HostsFile& file) {
  visit("ssh", file.ssh, "the program that connects, with its options");
  visit("address", file.address, "where the hosts reach this machine: NAME[:PORT]");
  visit("listen", file.listen, "ZeroMQ endpoint to listen on; empty: every interface");
  visit.required("hosts", file.hosts, "the machines");
}

/// Reads and checks such a file.
/// @throws UserError, worded as for scenarios, also if there is no host, names are not unique or
///         are no names of processes, or an address is none.
HostsFile load_hosts(const std::filesystem::path& path);
HostsFile parse_hosts(std::string_view text, std::string_view file_name);

/// How many peers live on each host: what it says, or its share of the rest; shares are cut at
/// whole peers along their sum, so that each gets its own to within one peer.
/// @throws UserError beginning with `place` if some peer has no host, or some host no peer.
std::vector<int> share_out(const HostsFile& file, int peers, const std::string& place);

}  // namespace hearsay

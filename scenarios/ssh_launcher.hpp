#pragma once

#include <memory>
#include <string>

#include "scenarios/hosts_file.hpp"
#include "scenarios/launcher.hpp"

namespace hearsay {

/// Processes on the hosts of a file, each at the far end of an ssh session of its own, which
/// carries the briefing there on its standard input: no file is copied, and secrets are
/// encrypted by ssh. A session that breaks ends its process. Data that the scenario reads from
/// files must be there.
/// @param place   names the file in messages.
/// @param saves   processes save their peers, to be started again.
std::unique_ptr<Launcher> make_ssh_launcher(HostsFile file, std::string place, bool saves);

/// Where a process listens and is reached that a hosts file describes; `others`: some host that
/// it must be reached from, where `address` is empty. An empty `others`: it finds out itself.
/// @throws UserError beginning with `place` if there is no way to `others`.
Reach reach_of(const std::string& address, const std::string& listen, const std::string& others,
               const std::string& place);

}  // namespace hearsay

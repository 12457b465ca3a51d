#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hearsay {

/// Where a process listens, and where others reach it (as in deployment.hpp).
struct Reach {
  std::string listen;
  std::string address;

  friend bool operator==(const Reach&, const Reach&) = default;
};

/// A place for one process of a deployment.
struct LaunchPlace {
  std::string name;  ///< Of the process.
  int peers = 0;     ///< How many live in it. At least 1.
  Reach reach;

  friend bool operator==(const LaunchPlace&, const LaunchPlace&) = default;
};

/// A process that is about to be started, for the first time or again.
struct NodeStart {
  std::size_t place = 0;  ///< Index.
  std::string name;
  std::filesystem::path run_directory;  ///< On this machine; absolute.
  bool encrypted = true;
};

/// Starts the processes of a deployment, on whatever machine. What it knows is how: it turns
/// each process into a command on this machine that lasts as long as the process does, ends
/// with its exit code, hands standard input on to it and brings its output back. All else
/// (secrets, watching, starting again, collecting) is the same for all launchers.
class Launcher {
 public:
  virtual ~Launcher() = default;

  /// The processes that share `peers` peers: contiguous ranges, in this order.
  /// @throws UserError if they cannot be shared so.
  virtual std::vector<LaunchPlace> places(int peers) const = 0;

  /// Where this process, which keeps the record, is to be reached from all places.
  /// @throws UserError if it cannot be.
  virtual Reach recorder() const = 0;

  /// The command that runs a process; it reads a briefing (node_briefing.hpp).
  virtual std::vector<std::string> command(const NodeStart& start) = 0;
};

/// Programs on this machine. `program`: as hearsay.
/// REQUIRES: processes >= 1.
std::unique_ptr<Launcher> make_local_launcher(int processes, std::filesystem::path program);

/// What launchers share: the program with the arguments that make it a process of a
/// deployment; `state`: its --state, empty for none.
std::vector<std::string> node_command(const std::string& program, const NodeStart& start,
                                      const std::string& state);

/// `peers` in `processes` ranges that differ by at most one.
/// @throws UserError unless every process gets a peer.
std::vector<int> even_shares(int peers, int processes);

/// The text as one word of a POSIX shell.
std::string shell_quoted(const std::string& text);

/// The words as one command line of a POSIX shell.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace hearsay

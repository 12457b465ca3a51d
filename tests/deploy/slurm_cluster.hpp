#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/local_processes.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {

/// A Slurm cluster of the two nodes `h1` and `h2` on this machine, on free ports of the loopback
/// interface, with a munge daemon of its own; all of it in a temporary directory. While it is
/// there, $SLURM_CONF lets Slurm's commands find it.
class SlurmCluster {
 public:
  /// Why there can be none on this machine; nothing if there can.
  static std::optional<std::string> obstacle();

  /// Starts it, and waits until both nodes are there. REQUIRES: no obstacle().
  /// @throws std::runtime_error if they do not come.
  SlurmCluster();

  /// Stops all daemons, and what they have started.
  ~SlurmCluster();

  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  /// Kills a node: its daemon and all that it has started, with SIGKILL.
  void kill_node(const std::string& node);

  /// Kills the processes of one task of a job array, with SIGKILL.
  void kill_task(int index);

  void start_node(const std::string& node);

  /// Starts nodes that were killed, and waits until all nodes are idle.
  void revive();

  /// What the daemons have said, to explain a failure.
  std::string logs() const;

 private:
  void start(const std::string& name, const std::vector<std::string>& arguments);
  void write_configuration() const;
  void start_munge();
  void wait_for_nodes() const;

  TemporaryDirectory temporary_;
  const std::filesystem::path configuration_;
  LocalProcesses daemons_;
  std::map<std::string, std::size_t> index_of_;  ///< In `daemons_`; of each the newest.
};

}  // namespace hearsay

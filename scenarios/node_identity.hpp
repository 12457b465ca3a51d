#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "scenarios/deployment.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// How a process is told which one of a deployment it is.
struct NodeOptions {
  /// File. "-": standard input tells all (node_briefing.hpp), and its end that the process is
  /// to stop.
  std::filesystem::path deployment;

  /// Its name; empty: the process whose index is this one's rank, as a scheduler says it (see
  /// identify_node()).
  std::string host;

  /// File with its secret key; empty: NAME.key in `keys`. Not looked at without encryption.
  std::filesystem::path secret_key;
  std::filesystem::path keys;    ///< Folder of keys (key_store.hpp).
  bool allow_plaintext = false;  ///< Take part where nothing is encrypted.

  /// File with keys that are not valid; read again when it changes. May be missing.
  std::filesystem::path revoked;

  /// Where the process saves its peers, and finds them again when it is started anew. Empty:
  /// it does neither.
  std::filesystem::path state;

  bool is_briefed() const { return deployment == "-"; }
};

/// What a process has to say for itself.
using NodeLog = std::function<void(const std::string& line)>;

/// A process that knows who it is.
struct NodeIdentity {
  Deployment deployment;
  Scenario scenario;
  int self = 0;
  std::string secret_key;  ///< Empty without encryption.

  const DeployedProcess& process() const {
    return deployment.processes[static_cast<std::size_t>(self)];
  }
};

/// Reads the deployment and its scenario and finds this process in it. What a scheduler that
/// started it left in the environment counts as follows; of several names for one thing the first
/// that is set:
///   rank         HEARSAY_RANK, SLURM_PROCID, OMPI_COMM_WORLD_RANK, PMI_RANK,
///                JOB_COMPLETION_INDEX (Kubernetes' indexed jobs)
///                index of the process, from 0, if `host` is empty
///   world size   HEARSAY_WORLD_SIZE, SLURM_NTASKS, OMPI_COMM_WORLD_SIZE, PMI_SIZE
///                must be the number of processes, where the rank is used
///   rendezvous   HEARSAY_RENDEZVOUS, e.g. tcp://node-1:5555
///                where the others find process 0, which listens on that port of all interfaces;
///                so do others for which the file says neither `listen` nor `address`, on a port
///                that is free
/// @throws UserError for a deployment, scenario, name, rank or key that is wrong, and for
///         plaintext without permission.
NodeIdentity identify_node(const NodeOptions& options, const NodeLog& log);

}  // namespace hearsay

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "node/base/describe.hpp"
#include "node/base/time.hpp"
#include "node/net/endpoint.hpp"

namespace hearsay {

/// One process of a deployment, and the contiguous range of peers that live in it.
struct DeployedProcess {
  std::string name;
  std::string key;  ///< Public, in Z85; empty where nothing is encrypted.
  std::string listen = "tcp://127.0.0.1:*";
  std::string address;  ///< Port *: the one it listens on. Empty: it finds out (own_address.hpp).
  int first_peer = 0;
  int peers = 0;  ///< 0: it keeps the record.

  friend bool operator==(const DeployedProcess&, const DeployedProcess&) = default;
};

/// Who runs a scenario where: what all its processes must agree on. A file of its own, so
/// that the scenario stays the same wherever it runs. Holds no secret.
struct Deployment {
  std::string scenario;  ///< File; relative paths start at the deployment file's folder.
  std::string run;       ///< Tells runs of one scenario apart: any text.
  bool encrypted = true;
  bool emulate_network = false;
  bool emulate_compute = false;
  bool portable_kernels = false;
  int workers = 1;  ///< Threads that compute, per process; 0: one per core of its machine.
  SimTime rendezvous{60'000'000'000};
  SimTime stall{120'000'000'000};
  SimTime save_every{1'000'000'000};
  SimTime heartbeat{200'000'000};
  std::vector<DeployedProcess> processes;

  friend bool operator==(const Deployment&, const Deployment&) = default;
};

template <class Visitor>
void describe(Visitor& visit, DeployedProcess& process) {
  visit.required("name", process.name, "name of the process, as after --host");
  visit("key", process.key, "its public key (hearsay keys list)");
  visit("listen", process.listen, "ZeroMQ endpoint to listen on; port *: any free one");
  visit("address", process.address,
        "where others reach it; port *: the one it listens on; empty: as it finds out");
  visit("first_peer", process.first_peer, at_least(0), "first of the peers that live in it");
  visit("peers", process.peers, at_least(0), "how many do; 0: it keeps the record");
}

template <class Visitor>
void describe(Visitor& visit, Deployment& deployment) {
  visit.required("scenario", deployment.scenario, "the scenario file");
  visit("run", deployment.run, "tells runs of one scenario apart");
  visit("encrypted", deployment.encrypted, "CURVE; false: anybody can pose as anybody");
  visit("emulate_network", deployment.emulate_network,
        "let messages take what they take in the scenario's network (links)");
  visit("emulate_compute", deployment.emulate_compute,
        "let training and aggregation take no less than in the scenario's compute model");
  visit("portable_kernels", deployment.portable_kernels,
        "kernels that give the same bits on every x86-64-v3 machine");
  visit("workers", deployment.workers, between(0, 1024),
        "threads that compute, per process; 0: one per core of its machine");
  visit("rendezvous", deployment.rendezvous, above(0), "how long processes wait for each other");
  visit("stall", deployment.stall, above(0), "silence after which peers that wait give up");
  visit("save_every", deployment.save_every, above(0), "time between two saves of a process");
  visit("heartbeat", deployment.heartbeat, above(0), "time between two signs of life");
  visit.required("processes", deployment.processes, "the processes");
}

/// Reads and checks a deployment file.
/// @throws UserError, worded as for scenarios, also if names or keys are not unique, a key is
///         none or missing, or more than one process keeps the record.
Deployment load_deployment(const std::filesystem::path& path);
Deployment parse_deployment(std::string_view text, std::string_view file_name);

/// As load_deployment() reads it.
std::string deployment_yaml(const Deployment& deployment);

/// The process that lives peers, by peer.
/// @throws UserError beginning with `place` unless every peer lives in exactly one.
std::vector<int> process_of_peer(const Deployment& deployment, int num_peers,
                                 const std::string& place);

/// The index of a process. @throws UserError with the nearest name if there is none.
int process_called(const Deployment& deployment, const std::string& name);

/// The process that keeps the record; -1 if none does.
int recorder_of(const Deployment& deployment);

/// What process `self` needs to know of the network: everything but its secret key.
/// `model_bytes`: of one model.
EndpointOptions endpoint_options(const Deployment& deployment, int self, Digest scenario_digest,
                                 std::size_t model_bytes);

}  // namespace hearsay

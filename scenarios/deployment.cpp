#include "scenarios/deployment.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "node/base/error.hpp"
#include "node/net/curve_keys.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/nearest_name.hpp"
#include "scenarios/reader.hpp"
#include "scenarios/writer.hpp"

namespace hearsay {
namespace {

// What a parcel holds beside models.
constexpr std::size_t kLeastParcel = std::size_t{4} << 20;

std::string place_of(std::size_t process, std::string_view key) {
  return "processes[" + std::to_string(process) + "]." + std::string(key);
}

void check(const Document& document, const Deployment& deployment) {
  std::set<std::string> names;
  std::set<std::string> keys;
  const auto fail = [&](std::size_t i, std::string_view key, const std::string& what) {
    document.fail(document.position_of("processes"), place_of(i, key), what);
  };
  for (std::size_t i = 0; i < deployment.processes.size(); ++i) {
    const DeployedProcess& process = deployment.processes[i];
    const bool is_plain = process.name.find_first_of("/ \n\t") == std::string::npos;
    if (process.name.empty() || !is_plain) fail(i, "name", "is no name of a process");
    if (!names.insert(process.name).second) {
      fail(i, "name", "\"" + process.name + "\" is there twice");
    }
    if (!deployment.encrypted) continue;
    if (!is_key(process.key)) fail(i, "key", "is no public key: expected 40 characters (Z85)");
    if (!keys.insert(process.key).second) fail(i, "key", "is the key of another process, too");
  }
  if (std::ranges::count(deployment.processes, 0, &DeployedProcess::peers) > 1) {
    document.fail(document.position_of("processes"), "processes",
                  "more than one has no peers; only one process keeps the record");
  }
}

}  // namespace

Deployment parse_deployment(std::string_view text, std::string_view file_name) {
  const Document document(text, file_name);
  Deployment deployment;
  read_mapping(document, {document.root(), document.root().position, ""}, outline_of(deployment),
               deployment);
  check(document, deployment);
  return deployment;
}

Deployment load_deployment(const std::filesystem::path& path) {
  return parse_deployment(read_scenario_text(path), path.string());
}

std::string deployment_yaml(const Deployment& deployment) {
  return write_yaml(outline_of(deployment));
}

std::vector<int> process_of_peer(const Deployment& deployment, int num_peers,
                                 const std::string& place) {
  std::vector<int> processes(static_cast<std::size_t>(num_peers), -1);
  for (std::size_t i = 0; i < deployment.processes.size(); ++i) {
    const DeployedProcess& process = deployment.processes[i];
    for (int peer = process.first_peer; peer < process.first_peer + process.peers; ++peer) {
      if (peer >= num_peers) {
        throw UserError(place + ": " + place_of(i, "peers") + ": there is no peer " +
                        std::to_string(peer) + " (the scenario has " + std::to_string(num_peers) +
                        ", from 0)");
      }
      int& lives_in = processes[static_cast<std::size_t>(peer)];
      if (lives_in >= 0) {
        throw UserError(place + ": " + place_of(i, "peers") + ": peer " + std::to_string(peer) +
                        " already lives in " +
                        deployment.processes[static_cast<std::size_t>(lives_in)].name);
      }
      lives_in = static_cast<int>(i);
    }
  }
  const auto homeless = std::ranges::find(processes, -1);
  if (homeless != processes.end()) {
    throw UserError(place + ": processes: peer " + std::to_string(homeless - processes.begin()) +
                    " lives nowhere");
  }
  return processes;
}

int process_called(const Deployment& deployment, const std::string& name) {
  std::vector<std::string_view> names;
  for (const DeployedProcess& process : deployment.processes) {
    if (process.name == name) return static_cast<int>(names.size());
    names.push_back(process.name);
  }
  throw UserError("--host: no process \"" + name + "\"; " + suggestion(name, names));
}

int recorder_of(const Deployment& deployment) {
  const auto found = std::ranges::find(deployment.processes, 0, &DeployedProcess::peers);
  return found == deployment.processes.end()
             ? -1
             : static_cast<int>(found - deployment.processes.begin());
}

EndpointOptions endpoint_options(const Deployment& deployment, int self, Digest scenario_digest,
                                 std::size_t model_bytes) {
  EndpointOptions options{
      .identity = {.run = digest_text(deployment.run), .scenario_digest = scenario_digest},
      .self = self,
      .bind = deployment.processes[static_cast<std::size_t>(self)].listen,
      .heartbeat = deployment.heartbeat};
  // Silence is no shorter than some heartbeats.
  options.silence.shortest = std::max(options.silence.shortest, deployment.heartbeat * 4);
  options.silence.longest = std::max(options.silence.longest, options.silence.shortest);
  int most_peers = 1;
  for (const DeployedProcess& process : deployment.processes) {
    options.processes.push_back(
        {.name = process.name, .public_key = process.key, .address = process.address});
    most_peers = std::max(most_peers, process.peers);
  }
  // A report of all its peers at one moment is the largest parcel of a process.
  options.largest_parcel = kLeastParcel + (static_cast<std::size_t>(most_peers) + 3) * model_bytes;
  options.window_bytes = std::max(options.window_bytes, 2 * options.largest_parcel);
  options.queue_bytes = std::max(options.queue_bytes, 2 * options.window_bytes);
  return options;
}

}  // namespace hearsay

#include "scenarios/node_identity.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "node/base/error.hpp"
#include "node/net/curve_keys.hpp"
#include "scenarios/key_store.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/node_briefing.hpp"

namespace hearsay {
namespace {

// Any free port of all interfaces.
constexpr const char* kEverywhere = "tcp://*:*";

/// A variable of the environment.
struct Variable {
  std::string name;
  std::string value;
};

std::optional<Variable> first_set(std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    if (const char* const value = std::getenv(name)) return Variable{name, value};
  }
  return std::nullopt;
}

int number_in(const Variable& variable) {
  int number = -1;
  const char* const end = variable.value.data() + variable.value.size();
  const auto [rest, error] = std::from_chars(variable.value.data(), end, number);
  if (error != std::errc{} || rest != end || number < 0) {
    throw UserError(variable.name + ": \"" + variable.value + "\" is no number from 0");
  }
  return number;
}

int process_of_rank(const Deployment& deployment) {
  const auto rank = first_set(
      {"HEARSAY_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "JOB_COMPLETION_INDEX"});
  if (!rank) throw UserError("--host: is missing, and no scheduler has set a rank");
  const int count = static_cast<int>(deployment.processes.size());
  const auto size =
      first_set({"HEARSAY_WORLD_SIZE", "SLURM_NTASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE"});
  if (size && number_in(*size) != count) {
    throw UserError(size->name + ": is " + size->value + ", but the deployment has " +
                    std::to_string(count) + " processes");
  }
  const int process = number_in(*rank);
  if (process >= count) {
    throw UserError(rank->name + ": is " + rank->value + ", but the deployment has " +
                    std::to_string(count) + " processes, from 0");
  }
  return process;
}

void set_rendezvous(Deployment& deployment) {
  const auto rendezvous = first_set({"HEARSAY_RENDEZVOUS"});
  if (!rendezvous) return;
  const std::size_t colon = rendezvous->value.rfind(':');
  if (!rendezvous->value.starts_with("tcp://") || colon <= std::string_view("tcp://").size()) {
    throw UserError(rendezvous->name + ": \"" + rendezvous->value +
                    "\" is no address such as tcp://node-1:5555");
  }
  for (DeployedProcess& process : deployment.processes) {
    const bool says_nothing = process.address.empty() && process.listen == DeployedProcess{}.listen;
    if (says_nothing) process.listen = kEverywhere;
  }
  deployment.processes.front().address = rendezvous->value;
  deployment.processes.front().listen = "tcp://*" + rendezvous->value.substr(colon);
}

std::string own_key(const NodeOptions& options, const NodeIdentity& identity, std::string told,
                    const NodeLog& log) {
  const std::string file = options.deployment.string();
  if (!identity.deployment.encrypted) {
    if (!options.allow_plaintext) {
      throw UserError(file + ": encrypted: is false; to take part all the same: --plaintext");
    }
    log("warning: nothing is encrypted; anybody can read all models and pose as any peer");
    return "";
  }
  const std::filesystem::path path =
      options.secret_key.empty() ? KeyStore(options.keys).secret_file(identity.process().name)
                                 : options.secret_key;
  const std::string key = options.is_briefed() ? std::move(told) : read_secret_key(path);
  const std::string place = options.is_briefed() ? "--deployment -" : path.string();
  if (!is_key(key) || public_key_of(key) != identity.process().key) {
    throw UserError(place + ": is not the key of " + identity.process().name + " in " + file);
  }
  return key;
}

}  // namespace

NodeIdentity identify_node(const NodeOptions& options, const NodeLog& log) {
  NodeIdentity identity;
  std::string told_key;
  if (options.is_briefed()) {
    NodeBriefing briefing = read_briefing(STDIN_FILENO);
    identity.deployment = parse_deployment(briefing.deployment, "the deployment");
    identity.scenario = parse_scenario(briefing.scenario, "the scenario");
    told_key = std::move(briefing.secret_key);
  } else {
    identity.deployment = load_deployment(options.deployment);
    identity.scenario =
        load_scenario(options.deployment.parent_path() / identity.deployment.scenario);
  }
  identity.self = options.host.empty() ? process_of_rank(identity.deployment)
                                       : process_called(identity.deployment, options.host);
  set_rendezvous(identity.deployment);
  identity.secret_key = own_key(options, identity, std::move(told_key), log);
  return identity;
}

}  // namespace hearsay

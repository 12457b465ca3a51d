#include "node/live_commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "node/base/error.hpp"
#include "node/command_line.hpp"
#include "node/job_command.hpp"
#include "scenarios/deploy.hpp"
#include "scenarios/hosts_file.hpp"
#include "scenarios/key_store.hpp"
#include "scenarios/launcher.hpp"
#include "scenarios/live_node.hpp"
#include "scenarios/quantities.hpp"
#include "scenarios/slurm_launcher.hpp"
#include "scenarios/ssh_launcher.hpp"

namespace hearsay {
namespace {

SimTime parse_time(const std::string& option, const std::string& text) {
  SimTime time;
  if (const auto wrong = parse_value(text, time)) throw UserError(option + ": " + *wrong);
  if (time <= SimTime{}) throw UserError(option + ": " + text + " is not above 0");
  return time;
}

std::filesystem::path folder_of(const LiveArguments& arguments) {
  return arguments.keys.empty() ? KeyStore::default_folder()
                                : std::filesystem::path(arguments.keys);
}

KeyStore store_of(const LiveArguments& arguments) { return KeyStore(folder_of(arguments)); }

void log_line(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

constexpr const char* kLocal = "local";
constexpr const char* kSsh = "ssh";
constexpr const char* kSlurm = "slurm";

std::string launcher_name(const LiveArguments& arguments) {
  if (!arguments.launcher.empty()) return arguments.launcher;
  return arguments.hosts.empty() ? kLocal : kSsh;
}

int processes_of(const LiveArguments& arguments) {
  constexpr int kDefault = 2;
  return arguments.processes > 0 ? arguments.processes : kDefault;
}

std::filesystem::path this_program() { return std::filesystem::canonical("/proc/self/exe"); }

std::unique_ptr<Launcher> launcher_of(const LiveArguments& arguments) {
  const std::string name = launcher_name(arguments);
  if (name != kSsh && !arguments.hosts.empty()) {
    throw UserError("--hosts: is for --launcher ssh, not " + name);
  }
  if (name != kSlurm && !arguments.sbatch.empty()) {
    throw UserError("--sbatch: is for --launcher slurm, not " + name);
  }
  if (name == kLocal) return make_local_launcher(processes_of(arguments), this_program());
  if (name == kSlurm) {
    const auto allocation = current_allocation();
    if (!allocation) throw UserError("--launcher slurm: this process is in no job");
    return make_slurm_launcher(*allocation, arguments.processes, this_program());
  }
  if (arguments.hosts.empty()) throw UserError("--launcher ssh: needs --hosts FILE");
  if (arguments.processes > 0) {
    throw UserError("--processes: the file after --hosts says how many there are");
  }
  return make_ssh_launcher(load_hosts(arguments.hosts), arguments.hosts, arguments.restarts > 0);
}

int exit_code_of(LiveEnd end) {
  switch (end) {
    case LiveEnd::kDone:
      return kExitDone;
    case LiveEnd::kStopped:
      return kExitInterrupted;
    case LiveEnd::kStalled:
      return kExitStalled;
  }
  return kExitRunFailed;
}

}  // namespace

void add_deploy_options(CLI::App& command, LiveArguments& arguments) {
  command
      .add_option("--processes", arguments.processes,
                  "processes that share the peers (default 2; slurm: one per node)")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
  command
      .add_option("--workers", arguments.workers,
                  "threads that compute (default: all cores): local, of all processes; else of "
                  "each")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
  command
      .add_option("--launcher", arguments.launcher,
                  "where processes are started (default: local, with --hosts: ssh)")
      ->check(CLI::IsMember({"local", "ssh", "slurm"}))
      ->option_text("local|ssh|slurm");
  command.add_option("--hosts", arguments.hosts, "file of hosts to be reached by ssh (YAML)")
      ->option_text("FILE");
  add_sbatch_options(command, arguments.sbatch);
  command
      .add_option("--restarts", arguments.restarts,
                  "how often processes that die are started again, in all")
      ->check(CLI::Range(0, 1'000'000))
      ->option_text("N");
  command.add_option("--stall", arguments.stall, "silence after which peers that wait give up")
      ->option_text("TIME");
  command.add_flag("--emulate-network", arguments.emulate_network,
                   "delay and lose messages as the scenario's network does (links)");
  command.add_flag("--emulate-compute", arguments.emulate_compute,
                   "let training and aggregation take what they take in the scenario");
  command.add_flag("--plaintext", arguments.plaintext, "do not encrypt (anybody can pose as peer)");
}

void add_node_options(CLI::App& command, LiveArguments& arguments) {
  command
      .add_option("--deployment", arguments.deployment,
                  "deployment file (YAML); -: from standard input, as `hearsay deploy` writes it")
      ->required()
      ->option_text("FILE");
  command
      .add_option("--host", arguments.host,
                  "which of its processes this is (default: by the rank that a scheduler sets)")
      ->option_text("NAME");
  command
      .add_option("--key", arguments.key, "file with its secret key (default: NAME.key in --keys)")
      ->option_text("FILE");
  command.add_option("--keys", arguments.keys, "folder of keys (default ~/.config/hearsay/keys)")
      ->option_text("DIR");
  command
      .add_option("--revoked", arguments.revoked,
                  "file with keys that are no longer valid (default: revoked in --keys)")
      ->option_text("FILE");
  command
      .add_option("--state", arguments.state,
                  "folder where it saves its peers and finds them again")
      ->option_text("DIR");
  command.add_flag("--plaintext", arguments.plaintext, "take part where nothing is encrypted");
}

void add_key_commands(CLI::App& command, LiveArguments& arguments) {
  command.require_subcommand(1);
  command.add_option("--keys", arguments.keys, "folder of keys (default ~/.config/hearsay/keys)")
      ->option_text("DIR");
  CLI::App& make = *command.add_subcommand("new", "make a key pair; prints the public key");
  make.add_option("name", arguments.name, "name of the process")->required()->option_text("NAME");
  command.add_subcommand("list", "list all public keys");
  CLI::App& revoke = *command.add_subcommand("revoke", "declare a key no longer valid");
  revoke.add_option("name", arguments.name, "its name, or the public key")
      ->required()
      ->option_text("NAME|KEY");
}

RunReport deploy(const Scenario& scenario, const RunOptions& options,
                 const LiveArguments& arguments, const std::atomic<bool>& stop,
                 RunListener& listener) {
  const std::unique_ptr<Launcher> launcher = launcher_of(arguments);
  const bool is_here = launcher_name(arguments) == kLocal;
  const int share = std::max(1, options.workers / processes_of(arguments));
  return deploy_scenario(scenario,
                         {.out = options.out,
                          .workers = is_here ? share : arguments.workers,
                          .recorder_workers = is_here ? share : options.workers,
                          .portable_kernels = options.portable_kernels,
                          .encrypted = !arguments.plaintext,
                          .emulate_network = arguments.emulate_network,
                          .emulate_compute = arguments.emulate_compute,
                          .restarts = arguments.restarts,
                          .stall = parse_time("--stall", arguments.stall)},
                         *launcher, stop, listener);
}

Node find_node(const LiveArguments& arguments) {
  const KeyStore store = store_of(arguments);
  NodeOptions options{.deployment = arguments.deployment,
                      .host = arguments.host,
                      .secret_key = arguments.key,
                      .keys = folder_of(arguments),
                      .allow_plaintext = arguments.plaintext,
                      .revoked = arguments.revoked.empty()
                                     ? store.revoked_file()
                                     : std::filesystem::path(arguments.revoked),
                      .state = arguments.state};
  NodeIdentity identity = identify_node(options, log_line);
  return {.options = std::move(options), .identity = std::move(identity)};
}

bool keeps_record(const Node& node) { return node.identity.process().peers == 0; }

bool needs_job(const LiveArguments& arguments) {
  return launcher_name(arguments) == kSlurm && !current_allocation();
}

int deploy_in_job(const LiveArguments& arguments, const std::vector<std::string>& command_line,
                  const std::filesystem::path& run, const std::atomic<bool>& stop) {
  if (!arguments.hosts.empty()) throw UserError("--hosts: is for --launcher ssh, not slurm");
  const std::string count = std::to_string(processes_of(arguments));
  // A node that is lost costs its peers, not the job.
  std::vector<std::string> options{"--job-name=hearsay", "--nodes=" + count, "--ntasks-per-node=1",
                                   "--no-kill", "--requeue"};
  options.insert(options.end(), arguments.sbatch.begin(), arguments.sbatch.end());
  return run_in_job(command_line, options, run, stop);
}

int host_peers(const Node& node, const std::atomic<bool>& stop) {
  return exit_code_of(run_node(node.options, node.identity, stop, log_line));
}

RunReport keep_record(const Node& node, const RunOptions& options, const std::atomic<bool>& stop,
                      RunListener& listener) {
  return record_deployment(node.identity, {.out = options.out, .workers = options.workers}, stop,
                           listener);
}

int keys(const CLI::App& command, const LiveArguments& arguments) {
  const KeyStore store = store_of(arguments);
  if (command.got_subcommand("new")) {
    std::printf("%s\n", store.make(arguments.name).c_str());
  } else if (command.got_subcommand("revoke")) {
    std::printf("%s\n", store.revoke(arguments.name).c_str());
  } else {
    for (const StoredKey& key : store.list()) {
      std::printf("%s  %s%s\n", key.public_key.c_str(), key.name.c_str(),
                  key.is_revoked ? "  revoked" : "");
    }
  }
  return kExitDone;
}

}  // namespace hearsay

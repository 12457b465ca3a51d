#include "node/live_commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "node/base/error.hpp"
#include "node/command_line.hpp"
#include "scenarios/deploy.hpp"
#include "scenarios/key_store.hpp"
#include "scenarios/live_node.hpp"
#include "scenarios/quantities.hpp"

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
  command.add_option("--processes", arguments.processes, "processes that share the peers")
      ->check(CLI::Range(1, 1024))
      ->option_text("N");
  command.add_option("--launcher", arguments.launcher, "how processes are started")
      ->check(CLI::IsMember({"local"}))
      ->option_text("local");
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
  command.add_option("--deployment", arguments.deployment, "deployment file (YAML)")
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
  return deploy_scenario(scenario,
                         {.out = options.out,
                          .processes = arguments.processes,
                          .workers = std::max(1, options.workers / arguments.processes),
                          .portable_kernels = options.portable_kernels,
                          .encrypted = !arguments.plaintext,
                          .emulate_network = arguments.emulate_network,
                          .emulate_compute = arguments.emulate_compute,
                          .restarts = arguments.restarts,
                          .stall = parse_time("--stall", arguments.stall)},
                         stop, listener);
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

int host_peers(const Node& node, const std::atomic<bool>& stop) {
  return exit_code_of(run_node(node.options, node.identity, stop, log_line));
}

RunReport keep_record(const Node& node, const RunOptions& options, const std::atomic<bool>& stop,
                      RunListener& listener) {
  return record_deployment(node.options, node.identity,
                           {.out = options.out, .workers = options.workers}, stop, listener);
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

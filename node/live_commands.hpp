#pragma once

#include <atomic>
#include <string>

#include "scenarios/node_identity.hpp"
#include "scenarios/runner.hpp"

namespace CLI {
class App;
}

namespace hearsay {

/// The arguments of `hearsay deploy`, `node` and `keys`.
struct LiveArguments {
  int processes = 2;
  std::string launcher = "local";
  bool plaintext = false;
  bool emulate_network = false;
  bool emulate_compute = false;
  int restarts = 0;
  std::string stall = "120s";
  std::string deployment;
  std::string host;
  std::string key;
  std::string revoked;
  std::string state;
  std::string keys;  ///< Folder; empty: the default one.
  std::string name;  ///< Of a key.
};

/// Declares the options of the commands.
void add_deploy_options(CLI::App& command, LiveArguments& arguments);
void add_node_options(CLI::App& command, LiveArguments& arguments);
void add_key_commands(CLI::App& command, LiveArguments& arguments);

/// Deploys a scenario. @throws UserError.
RunReport deploy(const Scenario& scenario, const RunOptions& options,
                 const LiveArguments& arguments, const std::atomic<bool>& stop,
                 RunListener& listener);

/// The process of a deployment that the arguments of `hearsay node` mean.
struct Node {
  NodeOptions options;
  NodeIdentity identity;
};

/// @throws UserError.
Node find_node(const LiveArguments& arguments);

/// Whether it has no peers, and keeps the record.
bool keeps_record(const Node& node);

/// Runs a process with peers; returns the exit code. @throws UserError.
int host_peers(const Node& node, const std::atomic<bool>& stop);

/// Runs the process that keeps the record. @throws UserError.
RunReport keep_record(const Node& node, const RunOptions& options, const std::atomic<bool>& stop,
                      RunListener& listener);

/// Carries `keys new|list|revoke` out, whichever was parsed; returns the exit code.
/// @throws UserError.
int keys(const CLI::App& command, const LiveArguments& arguments);

}  // namespace hearsay

#pragma once

#include <atomic>
#include <string>

#include "node/base/time.hpp"
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

/// Runs one process of a deployment; returns the exit code. @throws UserError.
int node(const LiveArguments& arguments, const std::atomic<bool>& stop);

/// Carries `keys new|list|revoke` out, whichever was parsed; returns the exit code.
/// @throws UserError.
int keys(const CLI::App& command, const LiveArguments& arguments);

}  // namespace hearsay

#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/node_identity.hpp"
#include "scenarios/runner.hpp"

namespace CLI {
class App;
}

namespace hearsay {

/// The arguments of `hearsay deploy`, `node` and `keys`.
struct LiveArguments {
  int processes = 0;                ///< 0: not given.
  int workers = 0;                  ///< Threads of a deployment; 0: not given.
  std::string launcher;             ///< Empty: ssh with `hosts`, else local.
  std::string hosts;                ///< File.
  std::vector<std::string> sbatch;  ///< Options.
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

/// Whether a scenario is to be deployed by a job that has yet to be submitted.
bool needs_job(const LiveArguments& arguments);

/// Submits this very command line as a job, shows what the job prints while it goes on, and
/// returns its exit code. Setting `stop` cancels it.
/// @param run   directory of the run; the job's output ends there, below logs/.
/// @throws UserError for arguments that are wrong; std::runtime_error if Slurm fails.
int deploy_in_job(const LiveArguments& arguments, const std::vector<std::string>& command_line,
                  const std::filesystem::path& run, const std::atomic<bool>& stop);

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

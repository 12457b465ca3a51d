#pragma once

#include <optional>
#include <string>
#include <vector>

/// Slurm, a scheduler of clusters, through its commands: sbatch, srun, squeue, scontrol, sinfo,
/// scancel. https://slurm.schedmd.com. A command that fails throws std::runtime_error with what
/// it said.

namespace hearsay {

/// The job that this process is part of.
struct SlurmAllocation {
  std::string job;
  std::vector<std::string> nodes;  ///< Names, in Slurm's order.
};

/// From the environment that sbatch, salloc and srun set; nothing outside of a job.
std::optional<SlurmAllocation> current_allocation();

/// How a node is found in the network: its NodeAddr.
std::string slurm_node_address(const std::string& node);

/// Those of the nodes that can be used, in their order.
std::vector<std::string> usable_nodes(const std::vector<std::string>& nodes);

/// Submits a command line for a POSIX shell, to run in the current folder with this environment.
/// `options` are sbatch's. @returns the job's number.
std::string submit_job(const std::string& command_line, const std::vector<std::string>& options);

void cancel_job(const std::string& job);

/// A job, or one task of a job array, as squeue lists it.
struct SlurmTask {
  int index = -1;          ///< In the array; -1: the job is none.
  std::string state;       ///< "PENDING", "RUNNING", "COMPLETED", "NODE_FAIL", ...
  int exit_code = 0;       ///< Once it has ended; 128 + the signal that ended it.
  std::string reason;      ///< Why it waits: "Resources", "Priority", ...; "None" else.
  std::string first_node;  ///< The one that runs the job's script.
  std::string nodes;       ///< All that it still has, as in "n[1-3,7]".
  int restarts = 0;        ///< How often it was made to begin again.

  friend bool operator==(const SlurmTask&, const SlurmTask&) = default;
};

/// All tasks of a job that Slurm still knows, those that ended some minutes ago left out; none
/// if it knows none.
std::vector<SlurmTask> tasks_of_job(const std::string& job);

/// The same from squeue's output. @throws std::runtime_error if it is not as expected.
std::vector<SlurmTask> parse_tasks(const std::string& text);

/// Whether a task's program has ended for good. `was_cancelled`: then COMPLETING tasks may still
/// be about to end.
bool is_over(const SlurmTask& task, bool was_cancelled);

/// Whether the node with the job's script is gone while the job goes on with the others, as it
/// does with sbatch's --no-kill: such a job would never end.
bool has_lost_first_node(const SlurmTask& task);

/// Has a job begin again, once Slurm is sure that nothing of it runs any more.
void requeue_job(const std::string& job);

/// The largest index of a job array, plus 1: MaxArraySize.
int largest_array();

}  // namespace hearsay

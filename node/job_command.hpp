#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hearsay {

/// Declares --sbatch, whose values go to sbatch.
void add_sbatch_options(CLI::App& command, std::vector<std::string>& options);

/// Submits `hearsay ARGUMENTS...` as a Slurm job, prints what it prints as it comes, on the
/// streams on which it does, and returns its exit code. Its output is then in the run directory,
/// as logs/job.out and logs/job.err; until then, and if there is none, beside it. Setting `stop`
/// cancels the job: that asks the program in it to stop, and gives it Slurm's KillWait to do so.
/// A job that has lost its first node, which runs the program, is made to begin again.
/// @param options  of sbatch.
/// @throws std::runtime_error if Slurm fails, or ends the job.
int run_in_job(const std::vector<std::string>& arguments, const std::vector<std::string>& options,
               const std::filesystem::path& run, const std::atomic<bool>& stop);

}  // namespace hearsay

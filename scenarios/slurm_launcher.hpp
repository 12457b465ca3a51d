#pragma once

#include <filesystem>
#include <memory>

#include "scenarios/launcher.hpp"
#include "scenarios/slurm.hpp"

namespace hearsay {

/// Processes on the nodes of a Slurm allocation that this process is part of: each is a step of
/// one task that srun starts, process i on node i, over again where there are more processes
/// than nodes. One that is started again goes to its node, or to another if that is down. Nodes
/// must see `program` and the run directory under the same path.
/// @param processes  0: one per node.
std::unique_ptr<Launcher> make_slurm_launcher(SlurmAllocation allocation, int processes,
                                              std::filesystem::path program);

}  // namespace hearsay

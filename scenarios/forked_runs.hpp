#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "scenarios/point_runs.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/sweep.hpp"

namespace hearsay {

/// Runs in forked processes of this machine, `jobs` at a time, which share `run.workers` threads
/// and the data in files, read once before. A process that dies fails its run alone. References
/// outlive it. REQUIRES: no other thread in this process.
/// @param out  every point gets a directory of its name in it.
/// @throws UserError, before anything is run, if data cannot be loaded.
std::unique_ptr<PointRuns> make_forked_runs(const Sweep& sweep, std::vector<PointTask> todo,
                                            std::filesystem::path out, const RunOptions& run,
                                            int jobs);

}  // namespace hearsay

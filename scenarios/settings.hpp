#pragma once

#include <filesystem>
#include <vector>

#include "results/comparison.hpp"

namespace hearsay {

/// Reads the run in a directory and its resolved scenario, taken apart into dotted keys:
/// seeds, and all others but those that change no result (`name`, `checkpoint`). Items of
/// lists of mappings are numbered, as in messages: faults[0].at.
/// @throws UserError as read_finished_run(), and if scenario.yaml cannot be read.
ComparedRun read_compared_run(const std::filesystem::path& path);

/// The runs that paths mean: each is a run directory or the directory of a sweep, which
/// stands for the run directories in it, in the order of its sweep.csv, others behind them in
/// the order of their names. A run is there once, whatever names it.
/// @throws UserError if one is neither.
std::vector<std::filesystem::path> find_runs(const std::vector<std::string>& paths);

}  // namespace hearsay

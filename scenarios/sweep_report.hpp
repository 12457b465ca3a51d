#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/sweep_results.hpp"
#include "scenarios/sweep.hpp"
#include "scenarios/sweep_runner.hpp"

namespace hearsay {

/// The states of a sweep's points and what their run directories in `out` hold.
/// @throws UserError for a run directory that has been tampered with.
SweepResults read_sweep_results(const Sweep& sweep, const std::filesystem::path& out,
                                const std::vector<PointState>& states);

/// Writes sweep.csv, table.md and for each of sweep_grids() of at most 2,500 cells a heat
/// map, heatmap_ROWS_COLUMNS.svg, with the program that draws it, into `out`.
/// @returns why heat maps are missing; empty if none is.
/// @throws std::runtime_error if a file cannot be written.
std::string write_sweep_results(const SweepResults& results, const std::filesystem::path& out);

}  // namespace hearsay

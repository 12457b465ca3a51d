#pragma once

#include <filesystem>

#include "results/report_data.hpp"
#include "scenarios/scenario.hpp"

namespace hearsay {

/// What a report needs of a scenario, its graph drawn anew from its seeds included. Graphs of
/// more than 10,000 peers are not drawn.
/// @throws UserError if the graph cannot be made.
ReportPlan report_plan(const Scenario& scenario);

/// Reads the run in a directory for a report.
/// @throws UserError if it is no run's, or a file of it cannot be read, or is not as a run
///         writes it.
ReportData read_run_report(const std::filesystem::path& run);

/// Writes a report as one HTML page.
/// @throws UserError if `out` cannot be written.
void write_run_report(const ReportData& data, const std::filesystem::path& out);

}  // namespace hearsay

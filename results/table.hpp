#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "results/records.hpp"

namespace hearsay {

/// What a finished run prints: a table of its evaluation points (of more than 20 the
/// first, the last and evenly spaced ones between, with a line that says so), the times
/// to the target accuracies, the totals, a note for each thing that went wrong
/// (interrupted, stalled, diverged peers) and where the files are. UTF-8 text, lines
/// ended by '\n'; the same in every locale; numbers that were not measured show as "-".
std::string run_table(std::span<const MetricsRow> rows, const Summary& summary,
                      const std::filesystem::path& directory);

}  // namespace hearsay

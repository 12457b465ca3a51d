#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "results/records.hpp"
#include "results/summary.hpp"

namespace hearsay {

/// What a finished run prints: a table of its evaluation points (of more than 20 the
/// first, the last and evenly spaced ones between, with a line that says so), a table of
/// the times to the target accuracies, on three clocks each, what the faults cost (of more
/// than 5 the first), the totals (totals.hpp) and where the files are. UTF-8 text, lines
/// ended by '\n'; the same in every locale; numbers that are missing show as "-".
std::string run_table(std::span<const MetricsRow> rows, const Summary& summary,
                      const std::filesystem::path& directory);

}  // namespace hearsay

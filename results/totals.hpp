#pragma once

#include <string>

#include "results/summary.hpp"

namespace hearsay {

/// What a finished run prints below its tables: a line per total, each with its name, and
/// a note for each thing that went wrong (interrupted, stalled, diverged peers). Lines
/// that would only say that nothing happened are left out: no staleness if no combined
/// model lagged behind, no peers if none was lost and the graph never fell apart, no
/// network if it has no links, no idle share or validation if there is none.
std::string totals_text(const Summary& summary);

}  // namespace hearsay

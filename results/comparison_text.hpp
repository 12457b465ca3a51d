#pragma once

#include <string>

#include "results/comparison.hpp"

/// A comparison as text. Missing numbers are "-" in the table, empty in CSV, null in JSON.

namespace hearsay {

/// A table with a line per method and, below it, the keys that differ, the seeds, and the
/// notes. The lines end in "yes" or in why the seeds do not support the
/// difference.
std::string comparison_table(const Comparison& comparison);

/// A row per method.
std::string comparison_csv(const Comparison& comparison);

/// One JSON document, with the value for every seed.
std::string comparison_json(const Comparison& comparison);

}  // namespace hearsay

#pragma once

#include <string>
#include <vector>

#include "results/comparison.hpp"
#include "results/figures.hpp"

namespace hearsay {

/// The curve of a method: row by row over the rows that all its runs have, means over the runs
/// of what was spent, and mean, least and most of a column. Rows without the value in every run
/// are left out. @param column  of metrics.csv.
std::vector<CurvePoint> mean_curve(const std::vector<const FinishedRun*>& runs,
                                   const std::string& column);

/// The methods of a comparison in one picture over rounds, virtual time and bytes each:
/// COLUMN_over_AXIS, a line per method and, where it has several runs, a band from the least to
/// the most of them.
std::vector<Figure> overlay_figures(const Comparison& comparison);

}  // namespace hearsay

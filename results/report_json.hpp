#pragma once

#include <string>

#include "results/report_data.hpp"

namespace hearsay {

/// The data as JSON, as the report's page takes it. Of more than 1,000 rows of metrics.csv the
/// first, the last and evenly spaced ones between are there; their numbers are those of the
/// file. Numbers of single peers are rounded to four significant digits. What is missing or
/// not finite is null. No "<" is in it, so that it can stand in a page.
std::string report_json(const ReportData& data);

}  // namespace hearsay

#pragma once

#include <string>
#include <string_view>

#include "results/records.hpp"

/// Records as the lines and documents of a run directory. Numbers are the shortest
/// decimals that read back exactly; missing ones are empty in CSV and null in JSON.
/// Text that is not UTF-8 has the offending bytes replaced in JSON (U+FFFD).

namespace hearsay {

/// "done", "interrupted" or "stalled".
std::string_view status_name(RunStatus status);

/// Column names of metrics.csv and peers.csv, with the end of line.
std::string metrics_csv_header();
std::string peers_csv_header();

/// One line of metrics.csv or peers.csv, with the end of line.
std::string to_csv(const MetricsRow& row);
std::string to_csv(const PeerRow& row);

/// The same columns as a JSON object in one line, without the end of line.
std::string to_json_line(const MetricsRow& row);

/// {"summary": ...} in one line, without the end of line.
std::string to_json_line(const Summary& summary);

/// One line of events.jsonl, with the end of line: time_s, wall_s, kind, and where they
/// exist peer and details (an object).
std::string to_json_line(const EventRecord& event);

/// summary.json and manifest.json. Digests are 16 hexadecimal digits, as text.
std::string to_json(const Summary& summary);
std::string to_json(const Manifest& manifest);

}  // namespace hearsay

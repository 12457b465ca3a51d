#pragma once

#include <string>

#include "results/records.hpp"

/// Records as the lines and documents of a run directory. Numbers are the shortest
/// decimals that read back exactly; missing ones are empty in CSV and null in JSON.
/// Text that is not UTF-8 has the offending bytes replaced in JSON (U+FFFD).

namespace hearsay {

/// Text as a cell of CSV, quoted only where it would otherwise end the cell (RFC 4180).
std::string csv_cell(const std::string& text);

/// Column names of metrics.csv, peers.csv, sides.csv and trace.csv, with the end of line.
std::string metrics_csv_header();
std::string peers_csv_header();
std::string sides_csv_header();
std::string trace_csv_header();

/// One line of metrics.csv, peers.csv, sides.csv or trace.csv, with the end of line.
std::string to_csv(const MetricsRow& row);
std::string to_csv(const PeerRow& row);
std::string to_csv(const SideRow& row);
std::string to_csv(const TraceRow& row);

/// The same columns as a JSON object in one line, without the end of line.
std::string to_json_line(const MetricsRow& row);

/// One line of events.jsonl, with the end of line: time_s, wall_s, kind, and where they
/// exist peer and details (an object).
std::string to_json_line(const EventRecord& event);

/// manifest.json. The digest is 16 hexadecimal digits, as text.
std::string to_json(const Manifest& manifest);

}  // namespace hearsay

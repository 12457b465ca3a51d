#pragma once

#include <string>

#include "scenarios/scenario.hpp"

namespace hearsay {

/// The files that a scenario names, in its order, each with the digest of its content:
/// "latencies.csv 0123456789abcdef, trace.csv ..."; "none" if it names none. Of a directory
/// of data, its IDX files (data_source.hpp). A file that cannot be read has no digest:
/// who needs it reports that.
///
/// Every text in a scenario but its name is taken for the name of a file.
std::string input_files_text(const Scenario& scenario);

}  // namespace hearsay

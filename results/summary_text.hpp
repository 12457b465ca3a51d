#pragma once

#include <string>
#include <string_view>

#include "results/summary.hpp"

/// Summaries as JSON. Every summary has the same keys: what is missing is null, and so are
/// numbers that are not finite. Digests are 16 hexadecimal digits, as text. Text that is
/// not UTF-8 has the offending bytes replaced (U+FFFD).

namespace hearsay {

/// "done", "interrupted" or "stalled".
std::string_view status_name(RunStatus status);

/// {"summary": ...} in one line, without the end of line.
std::string to_json_line(const Summary& summary);

/// summary.json.
std::string to_json(const Summary& summary);

}  // namespace hearsay

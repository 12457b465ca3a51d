#pragma once

#include <span>
#include <vector>

#include "tests/tidy/source_file.hpp"

namespace hearsay::tidy {

inline constexpr int kMaxLinesPerFile = 500;
inline constexpr int kMaxLinesPerFunction = 70;
inline constexpr int kMaxColumns = 100;
inline constexpr int kMaxVirtualsPerClass = 6;
inline constexpr int kMaxVirtualsOfListener = 9;

/// Lines per file and columns per line, tabs (but in a Makefile), spaces at a line's end,
/// a last line without a line break.
std::vector<Violation> check_lines(const SourceFile& file);

/// From the first line of a function's declaration to its closing brace.
std::vector<Violation> check_function_lengths(const SourceFile& file);

/// Virtual functions per class, the destructor not counted.
std::vector<Violation> check_interface_sizes(const SourceFile& file);

/// A header's first line of code is `#pragma once`.
std::vector<Violation> check_pragma_once(const SourceFile& file);

/// A scenario begins with a comment: its question, expected outcome and run time.
std::vector<Violation> check_scenario_comment(const SourceFile& file);

}  // namespace hearsay::tidy

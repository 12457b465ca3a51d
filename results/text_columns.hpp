#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hearsay {

/// Lines of cells as text: columns two blanks apart, the first `left` of them flush left, the
/// others flush right; widths in characters of UTF-8. No blanks at the ends of lines.
/// REQUIRES: as many cells in every line, and at least one line.
std::string text_columns(const std::vector<std::vector<std::string>>& lines, std::size_t left = 0);

}  // namespace hearsay

#pragma once

#include <string>
#include <string_view>

namespace hearsay::tidy {

/// `text` (C++) with comments and the contents of string and character literals, raw
/// strings included, overwritten by spaces. Quotes stay; so does every line break.
std::string blank_literals(std::string_view text);

}  // namespace hearsay::tidy

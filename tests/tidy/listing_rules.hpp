#pragma once

#include <span>
#include <vector>

#include "tests/tidy/source_file.hpp"

namespace hearsay::tidy {

/// Every .cpp and .proto is named in the CMakeLists.txt of its folder or of one above it
/// (with the path from there), and every folder with a CMakeLists.txt is added by the
/// nearest one above. A source that no list names is compiled by nobody.
std::vector<Violation> check_listed(std::span<const SourceFile> tree);

/// Every header is included by some other file.
std::vector<Violation> check_headers_used(std::span<const SourceFile> tree);

}  // namespace hearsay::tidy

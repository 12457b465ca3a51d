#pragma once

#include <vector>

#include "tests/tidy/source_file.hpp"

namespace hearsay::tidy {

/// Names and phrases that the code does without, each with what to use instead: random
/// numbers and shuffles of the standard library, clocks in virtual time, sleeping tests,
/// `catch (...)`, notes of unfinished work. The list is in the source.
std::vector<Violation> check_banned(const SourceFile& file);

/// True if `name` has the form of `pattern`, in which '*' stands for any characters.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace hearsay::tidy

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hearsay {

/// Damerau-Levenshtein distance: the fewest insertions, deletions, substitutions and
/// swaps of adjacent characters that turn `a` into `b` (the unrestricted one, a metric).
/// Lowrance, Wagner. An Extension of the String-to-String Correction Problem. JACM
/// 22:177-183, 1975.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The valid name nearest to a misspelt one; nothing if none is within a third of the
/// longer one's length (at least 1). Ties: the one that stands first.
std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> valid);

/// `did you mean ring? valid: ring, complete`, without the question if no name is near.
std::string suggestion(std::string_view name, std::span<const std::string_view> valid);

}  // namespace hearsay

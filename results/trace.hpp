#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace hearsay {

/// Where two runs begin to differ, in words.
struct TraceDifference {
  std::int64_t row = 0;  ///< Of trace.csv, from 1: how many are the same, and one.
  std::string first;     ///< What the first run has there; empty: it ends before.
  std::string second;    ///< What the second one has.
};

/// Compares the traces of two run directories row by row. As rows are in the order of the
/// events, and each has the digest of all former events of its peer, the first row that differs
/// is the first traced event that does.
/// `first_is_whole`: false if the first run was broken off; that it ends before is no difference
/// then.
/// @throws UserError, beginning with the file's path, if one has no trace or is not as a run
///         writes it.
std::optional<TraceDifference> first_difference(const std::filesystem::path& first,
                                                const std::filesystem::path& second,
                                                bool first_is_whole);

}  // namespace hearsay

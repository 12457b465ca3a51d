#pragma once

#include <filesystem>

namespace hearsay {

// What the operating system was handed outlives the process, but a loss of power only once
// it is on the disk. Both throw std::runtime_error naming the path if it cannot be brought
// there.

/// Waits until what was written to a file is on the disk.
void sync_file(const std::filesystem::path& file);

/// Waits until the names in a directory are on the disk: a new, renamed or removed file is
/// so only then.
void sync_directory(const std::filesystem::path& directory);

}  // namespace hearsay

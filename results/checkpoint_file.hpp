#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "node/base/archive.hpp"

namespace hearsay {

/// What a checkpoint belongs to: only an equal run may go on from it.
struct CheckpointIdentity {
  std::uint64_t scenario_digest = 0;
  std::string kernels;  ///< Kernel set, as in the manifest.
  std::string build;    ///< Version and commit.
  std::string inputs;   ///< The files that the scenario names, with their digests.

  friend bool operator==(const CheckpointIdentity&, const CheckpointIdentity&) = default;
};

/// One saved state of a whole run.
struct Checkpoint {
  CheckpointIdentity identity;
  std::uint64_t ordinal = 0;  ///< Ascends within a run.
  Snapshot snapshot;
};

/// Writes one file and waits until it is on the disk. All numbers are 64-bit, little
/// endian:
///   "HEARSAYC", format version, length of the file, ordinal, scenario digest,
///   length of kernels, of build, of inputs, of the snapshot's bytes, number of buffers;
///   kernels, build, inputs, the snapshot's bytes; the length of each buffer; each buffer;
///   the XXH3 digest of all that precedes.
/// Large buffers are not copied; each is let go as soon as it is written.
/// @throws std::runtime_error naming the file, e.g. on a full disk; a part of the file may
///         be left then.
void write_checkpoint_file(const std::filesystem::path& path, Checkpoint checkpoint);

/// Reads one file. Lengths in it are checked against the file's before memory is taken.
/// @throws std::runtime_error saying in a few words why the file is none of ours, is cut
///         short or was altered; the message does not name the file.
Checkpoint read_checkpoint_file(const std::filesystem::path& path);

}  // namespace hearsay

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "node/base/archive.hpp"
#include "results/checkpoint_file.hpp"

namespace hearsay {

/// A checkpoint that a run goes on from.
struct LoadedCheckpoint {
  std::string file;  ///< As in messages: "checkpoints/000012.ckpt".
  std::uint64_t ordinal = 0;
  Snapshot snapshot;
};

/// What was found in a directory of checkpoints.
struct CheckpointSearch {
  std::optional<LoadedCheckpoint> found;  ///< The newest valid one, if any.

  /// One line for each newer file that was refused, newest first:
  /// "checkpoints/000012.ckpt: cut short at 812 of 4,096 bytes".
  std::vector<std::string> refused;
};

/// Why a run cannot go on from a snapshot, in a few words; nothing if it can.
using SnapshotRefusal = std::function<std::optional<std::string>(const Snapshot& snapshot)>;

/// A run's directory of checkpoints, RUN/checkpoints: the two newest, each in a file
/// named for its ordinal, 000012.ckpt. A file appears whole or not at all, also when the
/// machine loses power: it is written to a temporary name (000012.ckpt.unfinished),
/// flushed to the disk and renamed. One process at a time writes to a directory. Not for
/// concurrent use.
class CheckpointStore {
 public:
  /// Touches no file. `identity` is that of the run which writes or resumes.
  CheckpointStore(std::filesystem::path path, CheckpointIdentity identity);

  /// Waits for the write under way; its failure is lost. Call finish() to hear of it.
  ~CheckpointStore() = default;

  /// Writes on a background thread, after the former write has ended, and makes the
  /// directory if there is none. Lets go of each buffer once it is written. What has been
  /// written to `needed`, files without which the snapshot is of no use, is on the disk
  /// before the checkpoint is there. Then removes
  /// what was not finished and all checkpoints but this one and its predecessor (the one
  /// written or loaded last by this store; else the newest of a lower ordinal).
  /// REQUIRES: ordinal above that of the checkpoint written or loaded last.
  /// @throws std::runtime_error, naming the file, if the former write failed. What the
  ///         former write left stays as it was; `snapshot` is then not written.
  void write(Snapshot snapshot, std::uint64_t ordinal,
             std::vector<std::filesystem::path> needed = {});

  /// Waits for the write under way. @throws std::runtime_error if it failed.
  void finish();

  /// The newest valid checkpoint; nothing if there is none. Files that are cut short,
  /// altered or none of ours, or whose snapshot `refusal` refuses, are refused, and the one
  /// before is tried. Changes no file.
  /// @throws UserError if the newest valid one is of another scenario, kernel set or
  ///         build, or of other input files, naming both values.
  CheckpointSearch load_newest(const SnapshotRefusal& refusal = {});

  /// Removes the checkpoints newer than the one written or loaded last: one that was
  /// refused must not become valid when what it lacked is written anew, differently.
  void remove_refused();

 private:
  std::filesystem::path path_;
  CheckpointIdentity identity_;
  std::optional<std::uint64_t> predecessor_;  ///< The checkpoint written or loaded last.
  std::future<std::uint64_t> under_way_;      ///< The ordinal of what is being written.
};

}  // namespace hearsay

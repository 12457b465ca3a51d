#include "results/checkpoint_store.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "node/base/check.hpp"
#include "node/base/digest.hpp"
#include "node/base/error.hpp"
#include "results/disk.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".ckpt";
constexpr std::string_view kUnfinished = ".unfinished";

std::string name_of(std::uint64_t ordinal) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%06llu", static_cast<unsigned long long>(ordinal));
  return digits + std::string(kSuffix);
}

/// As the user sees it: the folder's name and the file's.
std::string shown(const fs::path& file) {
  return (file.parent_path().filename() / file.filename()).string();
}

std::optional<std::uint64_t> ordinal_of(const std::string& name) {
  std::uint64_t ordinal = 0;
  std::from_chars(name.data(), name.data() + name.size(), ordinal);
  if (name != name_of(ordinal)) return std::nullopt;
  return ordinal;
}

struct Listing {
  std::map<std::uint64_t, fs::path, std::greater<>> checkpoints;  ///< Newest first.
  std::vector<fs::path> unfinished;
};

/// Empty if there is no such directory.
Listing list(const fs::path& directory) {
  Listing listing;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (const auto ordinal = ordinal_of(name)) listing.checkpoints.emplace(*ordinal, *entry);
    if (name.ends_with(std::string(kSuffix) + std::string(kUnfinished))) {
      listing.unfinished.push_back(*entry);
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw std::runtime_error(directory.string() + ": cannot be read: " + error.message());
  }
  return listing;
}

void require(bool success, const fs::path& path, const std::error_code& error) {
  if (!success) {
    throw std::runtime_error(path.string() + ": cannot be written: " + error.message());
  }
}

void make_directory(const fs::path& directory) {
  std::error_code error;
  const bool is_new = fs::create_directories(directory, error);
  require(!error, directory, error);
  if (is_new) sync_directory(fs::absolute(directory).parent_path());
}

/// A failure is left to the next time: what stays is old, not wrong.
void remove_all_but(const fs::path& directory, std::uint64_t newest,
                    std::optional<std::uint64_t> predecessor) {
  std::error_code ignored;
  const Listing listing = list(directory);
  for (const fs::path& file : listing.unfinished) fs::remove(file, ignored);
  for (const auto& [ordinal, file] : listing.checkpoints) {
    if (!predecessor && ordinal < newest) predecessor = ordinal;
    if (ordinal != newest && ordinal != predecessor) fs::remove(file, ignored);
  }
}

void write_and_rename(const fs::path& directory, Checkpoint checkpoint) {
  const fs::path file = directory / name_of(checkpoint.ordinal);
  fs::path unfinished = file;
  unfinished += kUnfinished;
  std::error_code error;
  try {
    write_checkpoint_file(unfinished, std::move(checkpoint));
  } catch (const std::runtime_error&) {
    fs::remove(unfinished, error);
    throw;
  }
  fs::rename(unfinished, file, error);
  require(!error, file, error);
  sync_directory(directory);
}

void check_identity(const std::string& file, const CheckpointIdentity& made,
                    const CheckpointIdentity& run) {
  if (made.scenario_digest != run.scenario_digest) {
    throw UserError(file + ": made for scenario " + to_hex(made.scenario_digest) +
                    ", this run's scenario is " + to_hex(run.scenario_digest) +
                    "; resume with the scenario that the run was started with");
  }
  if (made.kernels != run.kernels) {
    throw UserError(file + ": made with kernels " + made.kernels + ", this run uses " +
                    run.kernels +
                    "; resume on the same kind of CPU or start with --portable-kernels");
  }
  if (made.build != run.build) {
    throw UserError(file + ": made by build " + made.build + ", this is build " + run.build +
                    "; resume with the build that made it");
  }
  if (made.inputs != run.inputs) {
    throw UserError(file + ": made with input files " + made.inputs + ", this run reads " +
                    run.inputs + "; resume with the files that the run was started with");
  }
}

}  // namespace

CheckpointStore::CheckpointStore(fs::path path, CheckpointIdentity identity)
    : path_(std::move(path)), identity_(std::move(identity)) {}

void CheckpointStore::write(Snapshot snapshot, std::uint64_t ordinal,
                            std::vector<fs::path> needed) {
  finish();
  HEARSAY_CHECK(!predecessor_ || ordinal > *predecessor_);
  Checkpoint checkpoint{identity_, ordinal, std::move(snapshot)};
  under_way_ = std::async(std::launch::async, [directory = path_, predecessor = predecessor_,
                                               ordinal, checkpoint = std::move(checkpoint),
                                               needed = std::move(needed)]() mutable {
    for (const fs::path& file : needed) sync_file(file);
    make_directory(directory);
    write_and_rename(directory, std::move(checkpoint));
    remove_all_but(directory, ordinal, predecessor);
    return ordinal;
  });
}

void CheckpointStore::finish() {
  if (under_way_.valid()) predecessor_ = under_way_.get();
}

CheckpointSearch CheckpointStore::load_newest(const SnapshotRefusal& refusal) {
  finish();
  CheckpointSearch search;
  for (const auto& [ordinal, path] : list(path_).checkpoints) {
    const std::string file = shown(path);
    try {
      Checkpoint checkpoint = read_checkpoint_file(path);
      if (checkpoint.ordinal != ordinal) {
        throw std::runtime_error("holds checkpoint " + std::to_string(checkpoint.ordinal));
      }
      check_identity(file, checkpoint.identity, identity_);
      const auto wrong = refusal ? refusal(checkpoint.snapshot) : std::nullopt;
      if (wrong) throw std::runtime_error(*wrong);
      predecessor_ = ordinal;
      search.found = LoadedCheckpoint{file, ordinal, std::move(checkpoint.snapshot)};
      return search;
    } catch (const std::runtime_error& reason) {
      search.refused.push_back(file + ": " + reason.what());
    }
  }
  return search;
}

void CheckpointStore::remove_refused() {
  for (const auto& [ordinal, path] : list(path_).checkpoints) {
    if (!predecessor_ || ordinal <= *predecessor_) break;
    std::error_code error;
    fs::remove(path, error);
    require(!error, path, error);
  }
}

}  // namespace hearsay

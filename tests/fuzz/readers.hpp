#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "node/net/batch.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay::fuzz {

/// What reads bytes that others wrote, one function per format: true if the bytes were taken,
/// false if they were refused in the way that the reader's header promises. Anything else (a
/// crash, another exception, a property that does not hold) ends the process. libFuzzer calls
/// one of them per program (entry.cpp), corpus_test.cpp all of them on the kept corpus.
using Reader = bool (*)(std::span<const std::byte> bytes);

bool takes_wire(std::span<const std::byte> bytes);        ///< A parcel: frames as below.
bool takes_report(std::span<const std::byte> bytes);      ///< A report: frames as below.
bool takes_idx(std::span<const std::byte> bytes);         ///< An IDX file, plain or gzip.
bool takes_csv(std::span<const std::byte> bytes);         ///< A trace of availability, or of steps.
bool takes_checkpoint(std::span<const std::byte> bytes);  ///< A checkpoint file.
bool takes_vectors(std::span<const std::byte> bytes);     ///< An .npy or JSON file.
bool takes_scenario(std::span<const std::byte> bytes);    ///< A scenario, sweep or deployment.

struct Target {
  const char* name;  ///< Also of its folder in corpus/.
  Reader takes;
};

/// Frames from one string of bytes: a 32-bit little-endian length before each, the last one cut
/// short where the bytes end.
std::vector<Buffer> frames_of(std::span<const std::byte> bytes);
std::string text_of(std::span<const Buffer> frames);

/// The only file of a directory of its own, for readers that want a path.
class InputFile {
 public:
  explicit InputFile(const std::string& name) : path_(directory_.path() / name) {}

  const std::filesystem::path& path() const { return path_; }

  /// Replaces what it holds. The path again.
  const std::filesystem::path& holding(std::span<const std::byte> bytes) const;

 private:
  TemporaryDirectory directory_;
  std::filesystem::path path_;
};

}  // namespace hearsay::fuzz

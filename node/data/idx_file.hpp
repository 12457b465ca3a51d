#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace hearsay {

/// Readers of IDX files, the format of the MNIST family: a big-endian magic number
/// (0x00000803 for images, 0x00000801 for labels: unsigned bytes, 3 or 1 dimensions),
/// one big-endian 32-bit extent per dimension, then the bytes, last dimension fastest.
/// Plain or gzip-compressed, told apart by content and not by name. LeCun, Cortes,
/// Burges: The MNIST database of handwritten digits, 1998.
///
/// What a file claims is compared with its size before memory is taken. Both readers
/// throw UserError, naming the file, what was expected and what was found, for a file
/// that cannot be read, has another magic number, an extent of zero, fewer or more
/// bytes than it announces, or damaged compressed data. Safe on several threads.

/// Grey images of one shape.
struct IdxImages {
  std::int64_t count = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<std::uint8_t> pixels;  ///< count * rows * columns, row-major.
};

IdxImages read_idx_images(const std::filesystem::path& path);

std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path);

/// `name`, else `name`.gz in the directory; nothing if neither exists.
std::optional<std::filesystem::path> find_idx_file(const std::filesystem::path& directory,
                                                   std::string_view name);

}  // namespace hearsay

#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

namespace hearsay {

/// Reads the bytes of a file one after another, inflating them if the file is
/// gzip-compressed (RFC 1952; several members in a row are one stream). Unlike zlib's
/// own gzFile it reports bytes behind the end of the compressed stream.
class ByteSource {
 public:
  /// @throws UserError if the path cannot be opened or is not a regular file.
  explicit ByteSource(std::filesystem::path path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Fills `out` as far as the file goes; how many bytes that was. Fewer than asked
  /// for means the end. @throws UserError for damaged or truncated
  /// compressed data.
  std::size_t read(std::span<std::uint8_t> out);

  /// No file of this size holds more bytes: its size, or for a compressed one 1032
  /// times that, the densest that DEFLATE can be (258 bytes in two bits).
  std::uint64_t most_bytes() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::size_t inflate_into(std::span<std::uint8_t> out);
  bool refill();
  [[noreturn]] void throw_damaged() const;

  std::filesystem::path path_;
  std::uint64_t file_size_ = 0;
  std::ifstream file_;
  bool compressed_ = false;
  bool between_members_ = false;  ///< A gzip member has ended, another may follow.
  int members_ = 0;               ///< Gzip members read to their end.
  std::vector<std::uint8_t> chunk_;
  z_stream stream_{};
};

}  // namespace hearsay

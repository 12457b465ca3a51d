#include "node/data/idx_file.hpp"

#include <array>
#include <cstdio>
#include <span>
#include <string>

#include "node/base/error.hpp"
#include "node/data/byte_source.hpp"

namespace hearsay {
namespace {

constexpr std::uint32_t kImagesMagic = 0x00000803;
constexpr std::uint32_t kLabelsMagic = 0x00000801;

std::string hex(std::uint32_t word) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", word);
  return text;
}

[[noreturn]] void throw_bad(const ByteSource& source, const std::string& what) {
  throw UserError(source.path().string() + ": " + what);
}

std::uint32_t read_word(ByteSource& source, const char* what) {
  std::array<std::uint8_t, 4> bytes;
  const std::size_t found = source.read(bytes);
  if (found < bytes.size()) {
    throw_bad(source, std::string("truncated: expected 4 bytes for ") + what + ", found " +
                          std::to_string(found));
  }
  std::uint32_t word = 0;
  for (const std::uint8_t byte : bytes) word = word << 8 | byte;
  return word;
}

void read_magic(ByteSource& source, std::uint32_t expected, const char* kind) {
  const std::uint32_t magic = read_word(source, "the magic number");
  if (magic == expected) return;
  throw_bad(source, std::string("not an IDX file of ") + kind + ": expected the magic number " +
                        hex(expected) + ", found " + hex(magic));
}

// "60000 x 28 x 28 bytes"
std::string announced(std::span<const std::uint32_t> extents) {
  std::string text;
  for (const std::uint32_t extent : extents) {
    if (!text.empty()) text += " x ";
    text += std::to_string(extent);
  }
  return text + " bytes";
}

std::vector<std::uint8_t> read_body(ByteSource& source, std::span<const std::uint32_t> extents) {
  std::uint64_t size = 1;
  bool overflows = false;
  for (const std::uint32_t extent : extents) {
    if (extent == 0) throw_bad(source, "empty: the header announces " + announced(extents));
    overflows = overflows || __builtin_mul_overflow(size, std::uint64_t{extent}, &size);
  }
  if (overflows || size > source.most_bytes()) {
    throw_bad(source, "truncated or damaged: the header announces " + announced(extents) +
                          ", the file can hold at most " + std::to_string(source.most_bytes()));
  }
  std::vector<std::uint8_t> bytes(size);
  const std::size_t found = source.read(bytes);
  if (found < size) {
    throw_bad(source, "truncated: the header announces " + announced(extents) + ", found " +
                          std::to_string(found));
  }
  std::uint8_t extra;
  if (source.read({&extra, 1}) != 0) {
    throw_bad(source, "more bytes follow the " + announced(extents) + " that the header announces");
  }
  return bytes;
}

}  // namespace

IdxImages read_idx_images(const std::filesystem::path& path) {
  ByteSource source(path);
  read_magic(source, kImagesMagic, "images");
  std::array<std::uint32_t, 3> extents;
  for (std::uint32_t& extent : extents) extent = read_word(source, "an extent");
  return {.count = extents[0],
          .rows = extents[1],
          .columns = extents[2],
          .pixels = read_body(source, extents)};
}

std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path) {
  ByteSource source(path);
  read_magic(source, kLabelsMagic, "labels");
  const std::array<std::uint32_t, 1> extents = {read_word(source, "the number of labels")};
  return read_body(source, extents);
}

std::optional<std::filesystem::path> find_idx_file(const std::filesystem::path& directory,
                                                   std::string_view name) {
  for (const std::string_view ending : {"", ".gz"}) {
    const std::filesystem::path path = directory / (std::string(name) + std::string(ending));
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

}  // namespace hearsay

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "tests/fuzz/readers.hpp"

namespace hearsay::fuzz {

std::vector<Buffer> frames_of(std::span<const std::byte> bytes) {
  std::vector<Buffer> frames;
  std::uint32_t size = 0;
  while (bytes.size() >= sizeof(size)) {
    std::memcpy(&size, bytes.data(), sizeof(size));
    bytes = bytes.subspan(sizeof(size));
    const std::size_t taken = std::min<std::size_t>(size, bytes.size());
    frames.push_back(Buffer::copy_of(bytes.first(taken)));
    bytes = bytes.subspan(taken);
  }
  return frames;
}

std::string text_of(std::span<const Buffer> frames) {
  std::string text;
  for (const Buffer& frame : frames) {
    const auto size = static_cast<std::uint32_t>(frame.size());
    text.append(reinterpret_cast<const char*>(&size), sizeof(size));
    text.append(reinterpret_cast<const char*>(frame.bytes().data()), frame.size());
  }
  return text;
}

const std::filesystem::path& InputFile::holding(std::span<const std::byte> bytes) const {
  std::ofstream file(path_, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  return path_;
}

}  // namespace hearsay::fuzz

#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "node/base/check.hpp"

namespace hearsay {

using Bytes = std::vector<std::uint8_t>;

inline void append_word(Bytes& bytes, std::uint32_t word) {
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
}

/// An IDX file as bytes: magic, extents, body, nothing checked.
inline Bytes idx_bytes(std::uint32_t magic, const std::vector<std::uint32_t>& extents,
                       const Bytes& body) {
  Bytes bytes;
  append_word(bytes, magic);
  for (const std::uint32_t extent : extents) append_word(bytes, extent);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

inline Bytes image_bytes(const std::vector<std::uint32_t>& extents, const Bytes& body) {
  return idx_bytes(0x00000803, extents, body);
}

inline Bytes label_bytes(const Bytes& labels) {
  return idx_bytes(0x00000801, {static_cast<std::uint32_t>(labels.size())}, labels);
}

/// One gzip member.
inline Bytes gzip(const Bytes& bytes) {
  z_stream stream{};
  HEARSAY_CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8,
                             Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes out(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  HEARSAY_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::filesystem::path write_file(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  HEARSAY_CHECK(file.good());
  return path;
}

}  // namespace hearsay

#pragma once

#include <span>
#include <stdexcept>
#include <string>

#include "node/base/archive.hpp"
#include "node/base/buffer.hpp"
#include "node/base/check.hpp"

namespace hearsay {

/// The fields as what a message carries beside its model. A handful of them: they travel
/// whole with every message. Not for models and buffers.
template <class... Fields>
Buffer pack(Fields... fields) {
  SavingArchive archive;
  archive(fields...);
  const Snapshot snapshot = archive.take();
  HEARSAY_CHECK(snapshot.buffers.empty());
  return Buffer::copy_of(std::as_bytes(std::span(snapshot.bytes)));
}

/// Reads back what pack() made of the same fields. False, and the fields are unspecified,
/// if the data are anything else. Sizes are checked before anything is allocated.
template <class... Fields>
[[nodiscard]] bool unpack(const Buffer& data, Fields&... fields) {
  const std::span<const std::byte> bytes = data.bytes();
  const Snapshot snapshot{
      .bytes = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
      .buffers = {}};
  LoadingArchive archive(snapshot);
  try {
    archive(fields...);
    archive.finish();
  } catch (const std::runtime_error&) {
    return false;
  }
  return true;
}

}  // namespace hearsay

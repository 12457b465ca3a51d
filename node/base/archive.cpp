#include "node/base/archive.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "node/base/digest.hpp"

namespace hearsay {
namespace {

std::uint32_t tag_of(std::string_view section) {
  return static_cast<std::uint32_t>(digest_text(section));
}

// The address of what the handles to one buffer share; no two living buffers have it.
const void* identity_of(Buffer copy) {
  void* const identity = std::move(copy).detach();
  Buffer::reclaim(identity);
  return identity;
}

}  // namespace

void persist(Archive& archive, bool& value) {
  auto byte = static_cast<std::uint8_t>(value);
  archive(byte);
  if (byte > 1) archive.mismatch("a truth value is " + std::to_string(byte));
  value = byte == 1;
}

void persist(Archive& archive, std::string& text) {
  text.resize(archive.count(text.size(), 1));
  archive.bytes(std::as_writable_bytes(std::span(text)));
}

void persist(Archive& archive, ModelBuffer& model) {
  Buffer buffer = model.buffer();
  archive(buffer);
  if (!archive.is_loading()) return;
  if (buffer.size() % sizeof(float) != 0) {
    archive.mismatch("a model has " + std::to_string(buffer.size()) + " bytes");
  }
  model = ModelBuffer(std::move(buffer));
}

void persist(Archive& archive, std::vector<bool>& values) {
  values.resize(archive.count(values.size(), 1));
  for (std::size_t i = 0; i < values.size(); ++i) {
    bool value = values[i];
    archive(value);
    values[i] = value;
  }
}

void SavingArchive::mark(std::string_view section) {
  std::uint32_t tag = tag_of(section);
  (*this)(tag);
}

void SavingArchive::bytes(std::span<std::byte> raw) {
  snapshot_.bytes.append(reinterpret_cast<const char*>(raw.data()), raw.size());
}

// A handle is saved as 0 if null, else as 1 + its buffer's index.
void SavingArchive::buffer(Buffer& handle) {
  std::uint64_t number = 0;
  if (!handle.is_null()) {
    const auto [entry, is_new] =
        index_.try_emplace(identity_of(handle), snapshot_.buffers.size() + 1);
    if (is_new) snapshot_.buffers.push_back(handle);
    number = entry->second;
  }
  (*this)(number);
}

std::size_t SavingArchive::count(std::size_t present, std::size_t /*least_bytes*/) {
  std::uint64_t saved = present;
  (*this)(saved);
  return present;
}

void SavingArchive::mismatch(const std::string& what) const {
  throw std::runtime_error("checkpoint: " + what);
}

Snapshot SavingArchive::take() {
  index_.clear();
  return std::exchange(snapshot_, {});
}

void LoadingArchive::mark(std::string_view section) {
  std::uint32_t tag = 0;
  (*this)(tag);
  if (tag != tag_of(section)) {
    mismatch("section \"" + std::string(section) + "\" should begin here");
  }
  section_ = section;
}

void LoadingArchive::bytes(std::span<std::byte> raw) {
  if (raw.size() > left()) {
    mismatch(std::to_string(raw.size()) + " bytes wanted, " + std::to_string(left()) + " left");
  }
  if (!raw.empty()) std::memcpy(raw.data(), snapshot_.bytes.data() + offset_, raw.size());
  offset_ += raw.size();
}

void LoadingArchive::buffer(Buffer& handle) {
  std::uint64_t number = 0;
  (*this)(number);
  const std::uint64_t known = std::min(buffers_seen_ + 1, snapshot_.buffers.size());
  if (number > known) mismatch("buffer " + std::to_string(number) + " is not there");
  buffers_seen_ = std::max<std::size_t>(buffers_seen_, number);
  handle = number == 0 ? Buffer() : snapshot_.buffers[number - 1];
}

std::size_t LoadingArchive::count(std::size_t present, std::size_t least_bytes) {
  std::uint64_t saved = 0;
  (*this)(saved);
  if (saved > present && saved > left() / least_bytes) {
    mismatch(std::to_string(saved) + " elements of " + std::to_string(least_bytes) +
             " or more bytes wanted, " + std::to_string(left()) + " bytes left");
  }
  return saved;
}

void LoadingArchive::mismatch(const std::string& what) const {
  const std::string section = section_.empty() ? "" : "in section \"" + section_ + "\", ";
  throw std::runtime_error("checkpoint: " + section + "at byte " + std::to_string(offset_) +
                           " of " + std::to_string(snapshot_.bytes.size()) + ": " + what);
}

void LoadingArchive::finish() const {
  if (left() != 0) mismatch(std::to_string(left()) + " bytes are left over");
  const std::size_t unread = snapshot_.buffers.size() - buffers_seen_;
  if (unread != 0) mismatch(std::to_string(unread) + " buffers are left over");
}

}  // namespace hearsay

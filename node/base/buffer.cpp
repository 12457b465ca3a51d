#include "node/base/buffer.hpp"

#include <cstring>
#include <new>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kAlignment = 64;

}  // namespace

Buffer Buffer::allocate(std::size_t size) {
  static_assert(sizeof(Control) <= kAlignment);
  // Aligned by hand: glibc's aligned allocation is many times slower than its plain one.
  void* const block = ::operator new(2 * kAlignment + size);
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  const std::uintptr_t aligned = (address + kAlignment - 1) / kAlignment * kAlignment;
  void* const start = static_cast<std::byte*>(block) + (aligned - address);
  auto* const control = new (start) Control;
  control->block = block;
  control->size = size;
  control->data = static_cast<std::byte*>(start) + kAlignment;
  Buffer buffer;
  buffer.control_ = control;
  return buffer;
}

Buffer Buffer::copy_of(std::span<const std::byte> bytes) {
  Buffer buffer = allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.control_->data, bytes.data(), bytes.size());
  return buffer;
}

Buffer Buffer::adopt(std::span<const std::byte> data, void (*release)(void*), void* hint) {
  HEARSAY_CHECK(release != nullptr);
  HEARSAY_CHECK(reinterpret_cast<std::uintptr_t>(data.data()) % alignof(float) == 0);
  Buffer buffer = allocate(0);
  buffer.control_->size = data.size();
  // Never written through: is_writable() is false while `release` is set.
  buffer.control_->data = const_cast<std::byte*>(data.data());
  buffer.control_->release = release;
  buffer.control_->hint = hint;
  return buffer;
}

void Buffer::drop() noexcept {
  if (control_ == nullptr) return;
  if (control_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (control_->release != nullptr) control_->release(control_->hint);
  void* const block = control_->block;
  control_->~Control();
  ::operator delete(block);
}

std::span<const std::byte> Buffer::bytes() const {
  if (control_ == nullptr) return {};
  return {control_->data, control_->size};
}

bool Buffer::is_writable() const {
  return control_ != nullptr && control_->release == nullptr &&
         control_->references.load(std::memory_order_acquire) == 1;
}

std::span<std::byte> Buffer::writable() {
  HEARSAY_CHECK(is_writable());
  control_->has_digest.store(false, std::memory_order_relaxed);
  return {control_->data, control_->size};
}

Digest Buffer::digest() const {
  if (control_ == nullptr) return digest_bytes({});
  if (!control_->has_digest.load(std::memory_order_acquire)) {
    control_->digest.store(digest_bytes(bytes()), std::memory_order_relaxed);
    control_->has_digest.store(true, std::memory_order_release);
  }
  return control_->digest.load(std::memory_order_relaxed);
}

Buffer Buffer::reclaim(void* detached) {
  Buffer buffer;
  buffer.control_ = static_cast<Control*>(detached);
  return buffer;
}

}  // namespace hearsay

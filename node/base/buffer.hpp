#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "node/base/digest.hpp"

namespace hearsay {

/// Reference-counted bytes, 64-byte aligned if ours: what an update is on the wire
/// and what a model is in memory. Copying a Buffer shares it. Only a sole owner may
/// write. The reference count is atomic: handles may be copied and dropped on any
/// thread; one handle is not for concurrent use.
class Buffer {
 public:
  Buffer() = default;  ///< Null: no memory, size() == 0.

  /// Uninitialised bytes.
  static Buffer allocate(std::size_t size);

  /// A copy of `bytes`.
  static Buffer copy_of(std::span<const std::byte> bytes);

  /// Shares foreign memory; `release(hint)` is called once when the last handle
  /// goes. Never writable. REQUIRES: data is aligned for float (use copy_of if not).
  static Buffer adopt(std::span<const std::byte> data, void (*release)(void*), void* hint);

  Buffer(const Buffer& other) noexcept : control_(other.control_) { retain(); }
  Buffer(Buffer&& other) noexcept : control_(std::exchange(other.control_, nullptr)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(control_, other.control_);
    return *this;
  }
  ~Buffer() { drop(); }

  /// True for a handle without memory: default-constructed or moved from. Does not touch
  /// the memory, which may be far away.
  bool is_null() const { return control_ == nullptr; }

  std::size_t size() const { return control_ == nullptr ? 0 : control_->size; }
  std::span<const std::byte> bytes() const;

  /// True if no other handle shares these bytes and they are ours to write.
  bool is_writable() const;

  /// The bytes for writing. REQUIRES: is_writable(). Forgets the cached digest.
  std::span<std::byte> writable();

  /// Digest of the bytes, computed once per buffer and cached. Thread-safe.
  Digest digest() const;

  /// Hints that digest and bytes will be read soon.
  void prefetch() const {
    __builtin_prefetch(control_);
    __builtin_prefetch(reinterpret_cast<const std::byte*>(control_) + 64);
  }

  /// Same memory, not same contents.
  bool shares_with(const Buffer& other) const { return control_ == other.control_; }

  /// Gives up this handle as an opaque pointer, for C interfaces that carry a
  /// `void*`; reclaim() takes it back. Every detached pointer must be reclaimed.
  void* detach() && { return std::exchange(control_, nullptr); }
  static Buffer reclaim(void* detached);

 private:
  struct Control {
    std::atomic<std::uint32_t> references{1};
    std::atomic<bool> has_digest{false};
    std::atomic<Digest> digest{0};
    std::size_t size = 0;
    std::byte* data = nullptr;
    void (*release)(void*) = nullptr;  ///< Null: the bytes follow this block.
    void* hint = nullptr;
    void* block = nullptr;  ///< What was allocated; this lies inside, aligned.
  };

  void retain() noexcept {
    if (control_ != nullptr) control_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void drop() noexcept;

  Control* control_ = nullptr;
};

}  // namespace hearsay

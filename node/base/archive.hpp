#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "node/base/buffer.hpp"
#include "node/base/model_buffer.hpp"
#include "node/base/rng.hpp"
#include "node/base/time.hpp"

namespace hearsay {

static_assert(std::endian::native == std::endian::little, "archives copy numbers as they lie");

/// Numbers that an archive copies as they lie in memory: little endian, fixed width. Not
/// bool, whose byte must be 0 or 1.
template <class T>
concept PlainNumber = (std::is_arithmetic_v<T> || std::is_enum_v<T>)&&!std::same_as<T, bool> &&
                      sizeof(T) <= sizeof(std::uint64_t);

/// Walks over the state of an experiment, to save it or to restore it. One function per
/// stateful class serves both, so that the two cannot disagree:
///
///   void persist(Archive& archive) {
///     archive.mark("momentum");
///     archive(rng_, velocity_, steps_);
///   }
///
/// Fields: bool, enums, integers, float, double, SimTime, std::string, Buffer,
/// ModelBuffer, Rng, std::vector, std::array, std::optional, std::pair, std::map of such,
/// and every class with a public member `persist(Archive&)` or, found by
/// argument-dependent lookup, a free function `persist(Archive&, T&)`. What follows from
/// the scenario need not be persisted: an object is restored in place, and so are the
/// elements that a vector, array or optional holds already. Elements beyond those are
/// made by the default constructor; where a type has none, sizes must agree.
///
/// Contents are not trusted when loading: sizes are checked against what is left before
/// anything is allocated. @throws std::runtime_error ("checkpoint: ...") from every
/// function when loading state that does not fit; the objects visited are then in a
/// valid but unspecified state. For use by one thread.
class Archive {
 public:
  virtual ~Archive() = default;

  virtual bool is_loading() const = 0;

  /// Saves or restores each field in turn.
  template <class... Fields>
  void operator()(Fields&... fields) {
    (visit(fields), ...);
  }

  /// Begins a section: a tag of 4 bytes that must be met again when loading, so that a
  /// mismatch is found near its place. Errors name the last section.
  virtual void mark(std::string_view section) = 0;

  /// Saves the bytes, or overwrites them by what was saved.
  virtual void bytes(std::span<std::byte> raw) = 0;

  /// Saves or restores one handle; handles that shared memory share it again. A null
  /// handle stays null.
  virtual void buffer(Buffer& handle) = 0;

  /// For containers: saves `present`, the number of elements held now, and returns it; or
  /// returns the number saved, which exceeds `present` only if as many elements of
  /// `least_bytes` >= 1 bytes fit into what is left.
  virtual std::size_t count(std::size_t present, std::size_t least_bytes) = 0;

  /// @throws std::runtime_error "checkpoint: <section and offset>: <what>".
  [[noreturn]] virtual void mismatch(const std::string& what) const = 0;

 private:
  template <class T>
  void visit(T& field) {
    static_assert(!std::is_const_v<T>, "a constant cannot be restored");
    if constexpr (requires { field.persist(*this); }) {
      field.persist(*this);
    } else if constexpr (PlainNumber<T>) {
      bytes(std::as_writable_bytes(std::span(&field, 1)));
    } else {
      persist(*this, field);
    }
  }
};

inline void persist(Archive& archive, SimTime& time) { archive(time.nanoseconds); }
inline void persist(Archive& archive, Buffer& buffer) { archive.buffer(buffer); }
void persist(Archive& archive, bool& value);
void persist(Archive& archive, std::string& text);
void persist(Archive& archive, ModelBuffer& model);
void persist(Archive& archive, std::vector<bool>& values);

namespace internal {

/// A T to be restored, for containers that grow.
template <class T>
T blank(const Archive& archive) {
  if constexpr (std::same_as<T, Rng>) {
    return Rng(0);
  } else if constexpr (std::default_initializable<T>) {
    return T{};
  } else {
    archive.mismatch("it holds more elements of a kind than this run has");
    __builtin_unreachable();  // GCC forgets that a virtual function does not return.
  }
}

}  // namespace internal

template <class T>
void persist(Archive& archive, std::vector<T>& values) {
  const std::size_t size = archive.count(values.size(), PlainNumber<T> ? sizeof(T) : 1);
  if constexpr (PlainNumber<T>) {
    values.resize(size);
    archive.bytes(std::as_writable_bytes(std::span(values)));
  } else {
    while (values.size() > size) values.pop_back();
    for (T& value : values) archive(value);
    // One at a time: memory grows with what was read, not with what a count claims.
    while (values.size() < size) {
      values.push_back(internal::blank<T>(archive));
      archive(values.back());
    }
  }
}

template <class T, std::size_t N>
void persist(Archive& archive, std::array<T, N>& values) {
  if constexpr (PlainNumber<T>) {
    archive.bytes(std::as_writable_bytes(std::span(values)));
  } else {
    for (T& value : values) archive(value);
  }
}

template <class T>
void persist(Archive& archive, std::optional<T>& value) {
  bool engaged = value.has_value();
  archive(engaged);
  if (!engaged) {
    value.reset();
  } else {
    if (!value) value.emplace(internal::blank<T>(archive));
    archive(*value);
  }
}

template <class First, class Second>
void persist(Archive& archive, std::pair<First, Second>& value) {
  archive(value.first, value.second);
}

/// Keys must ascend, as they do in what a map saves.
template <class Key, class Value, class Less>
void persist(Archive& archive, std::map<Key, Value, Less>& values) {
  const std::size_t size = archive.count(values.size(), 1);
  if (!archive.is_loading()) {
    for (auto& [key, value] : values) {
      Key copy = key;
      archive(copy, value);
    }
    return;
  }
  values.clear();
  while (values.size() < size) {
    Key key = internal::blank<Key>(archive);
    Value value = internal::blank<Value>(archive);
    archive(key, value);
    if (!values.empty() && !values.key_comp()(values.rbegin()->first, key)) {
      archive.mismatch("the keys of a map are out of order");
    }
    values.emplace_hint(values.end(), std::move(key), std::move(value));
  }
}

/// A saved state. While it lives, its buffers are shared, hence not writable.
struct Snapshot {
  std::string bytes;            ///< Fields in the order of the walk; buffers by index.
  std::vector<Buffer> buffers;  ///< Each distinct one once, by first appearance; no nulls.
};

/// Saves. Buffers are shared with the snapshot, not copied.
class SavingArchive final : public Archive {
 public:
  bool is_loading() const override { return false; }
  void mark(std::string_view section) override;
  void bytes(std::span<std::byte> raw) override;
  void buffer(Buffer& handle) override;
  std::size_t count(std::size_t present, std::size_t least_bytes) override;
  [[noreturn]] void mismatch(const std::string& what) const override;

  /// What was saved; the archive is empty then.
  Snapshot take();

 private:
  Snapshot snapshot_;
  std::unordered_map<const void*, std::uint64_t> index_;  ///< By the memory's identity.
};

/// Restores from a snapshot, which must outlive it.
class LoadingArchive final : public Archive {
 public:
  explicit LoadingArchive(const Snapshot& snapshot) : snapshot_(snapshot) {}
  LoadingArchive(Snapshot&&) = delete;

  bool is_loading() const override { return true; }
  void mark(std::string_view section) override;
  void bytes(std::span<std::byte> raw) override;
  void buffer(Buffer& handle) override;
  std::size_t count(std::size_t present, std::size_t least_bytes) override;
  [[noreturn]] void mismatch(const std::string& what) const override;

  /// Call at the end. @throws std::runtime_error unless all bytes and buffers were read.
  void finish() const;

 private:
  std::size_t left() const { return snapshot_.bytes.size() - offset_; }

  const Snapshot& snapshot_;
  std::size_t offset_ = 0;        ///< Bytes read.
  std::size_t buffers_seen_ = 0;  ///< Buffers met so far; they are numbered as they appear.
  std::string section_;
};

}  // namespace hearsay

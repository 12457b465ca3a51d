#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hearsay {

/// What a tensor is for: rules treat the kinds differently (a variance-corrected
/// average rescales weights only, for example).
enum class TensorKind { kWeight, kBias, kNorm, kStatistic };

/// One named tensor inside a flat model: elements [offset, offset + size).
struct TensorSlot {
  std::string name;                 ///< As the model names it, e.g. "conv1.weight".
  std::vector<std::int64_t> shape;  ///< Row-major.
  TensorKind kind = TensorKind::kWeight;
  std::size_t offset = 0;
  std::size_t size = 0;  ///< Product of shape.

  friend bool operator==(const TensorSlot&, const TensorSlot&) = default;
};

/// The meaning of a flat model: its tensors, in order, without gaps.
/// Immutable after construction; safe to share between threads.
class ParameterLayout {
 public:
  ParameterLayout() = default;

  /// Appends a tensor behind the last one. REQUIRES: every extent of shape >= 1.
  void add(std::string name, std::vector<std::int64_t> shape, TensorKind kind);

  const std::vector<TensorSlot>& tensors() const { return tensors_; }
  std::size_t size() const { return size_; }  ///< Parameters in all.

  friend bool operator==(const ParameterLayout&, const ParameterLayout&) = default;

 private:
  std::vector<TensorSlot> tensors_;
  std::size_t size_ = 0;
};

}  // namespace hearsay

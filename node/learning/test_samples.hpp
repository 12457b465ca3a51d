#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "node/base/quantity.hpp"
#include "node/base/rng.hpp"

namespace hearsay {

/// `count` of the indices 0 .. size - 1, drawn without replacement, ascending; all of
/// them if count is not below size.
std::vector<std::uint32_t> draw_test_sample(std::int64_t size, Count count, Rng rng);

/// Draws test samples whose labels are distributed like a peer's own training labels.
///
/// With k_c own samples and T_c test samples of class c, s = min over {c : k_c > 0} of
/// T_c / k_c, and floor(s * k_c) test samples of each class c are drawn without
/// replacement: the most that keeps the proportions without repeating a sample.
/// None at all if the peer has a class that the test samples lack.
class LocalTestDraw {
 public:
  /// `samples`: the test samples to draw from, indices into `labels`.
  LocalTestDraw(std::span<const std::uint32_t> samples, std::span<const std::uint8_t> labels,
                int num_classes);

  /// Ascending test sample indices for a peer with these label counts (one per class); none
  /// for a peer without training samples.
  std::vector<std::uint32_t> draw(std::span<const std::int64_t> own_counts, Rng rng) const;

 private:
  std::vector<std::vector<std::uint32_t>> by_class_;
};

}  // namespace hearsay

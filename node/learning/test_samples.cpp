#include "node/learning/test_samples.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

/// Moves `count` items drawn without replacement to the front (Fisher-Yates, cut short).
void draw_to_front(std::span<std::uint32_t> items, std::size_t count, Rng& rng) {
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(items[i], items[i + rng.below(items.size() - i)]);
  }
}

}  // namespace

std::vector<std::uint32_t> draw_test_sample(std::int64_t size, Count count, Rng rng) {
  std::vector<std::uint32_t> samples(static_cast<std::size_t>(size));
  std::iota(samples.begin(), samples.end(), 0U);
  if (count.value >= size) return samples;
  draw_to_front(samples, static_cast<std::size_t>(count.value), rng);
  samples.resize(static_cast<std::size_t>(count.value));
  std::ranges::sort(samples);
  return samples;
}

LocalTestDraw::LocalTestDraw(std::span<const std::uint32_t> samples,
                             std::span<const std::uint8_t> labels, int num_classes)
    : by_class_(static_cast<std::size_t>(num_classes)) {
  for (const std::uint32_t sample : samples) by_class_[labels[sample]].push_back(sample);
}

std::vector<std::uint32_t> LocalTestDraw::draw(std::span<const std::int64_t> own_counts,
                                               Rng rng) const {
  HEARSAY_CHECK(own_counts.size() == by_class_.size());
  // s = available / owned as a fraction, so that floor(s * k_c) is exact.
  std::int64_t available = 0;
  std::int64_t owned = 0;
  for (std::size_t c = 0; c < by_class_.size(); ++c) {
    if (own_counts[c] == 0) continue;
    const auto tests = static_cast<std::int64_t>(by_class_[c].size());
    if (owned == 0 || tests * owned < available * own_counts[c]) {
      available = tests;
      owned = own_counts[c];
    }
  }
  std::vector<std::uint32_t> drawn;
  if (owned == 0) return drawn;
  for (std::size_t c = 0; c < by_class_.size(); ++c) {
    std::vector<std::uint32_t> pool = by_class_[c];
    const auto count = static_cast<std::size_t>(own_counts[c] * available / owned);
    draw_to_front(pool, count, rng);
    drawn.insert(drawn.end(), pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(count));
  }
  std::ranges::sort(drawn);
  return drawn;
}

}  // namespace hearsay

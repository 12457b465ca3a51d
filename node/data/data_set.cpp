#include "node/data/data_set.hpp"

#include <cstddef>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

// A multiply, then an add: compiled without contraction, every instruction set rounds
// twice, so that all versions give the same bits.
template <class Feature>
[[gnu::always_inline]] inline void scale_loop(const Feature* __restrict in, std::size_t count,
                                              float scale, float shift, float* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]) * scale + shift;
}

template <class Feature>
using ScaleLoop = void (*)(const Feature*, std::size_t, float, float, float*);

template <class Feature>
void scale_portable(const Feature* in, std::size_t count, float scale, float shift, float* out) {
  scale_loop(in, count, scale, shift, out);
}

#if defined(__x86_64__)
template <class Feature>
[[gnu::target("avx2")]] void scale_avx2(const Feature* in, std::size_t count, float scale,
                                        float shift, float* out) {
  scale_loop(in, count, scale, shift, out);
}
#endif

// Chosen by hand: what target_clones generates for this runs before the thread
// sanitizer is ready and crashes there.
template <class Feature>
ScaleLoop<Feature> choose_scale_loop() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) return &scale_avx2<Feature>;
#endif
  return &scale_portable<Feature>;
}

template <class Feature>
void scale_into(const Feature* in, std::size_t count, float scale, float shift, float* out) {
  static const ScaleLoop<Feature> loop = choose_scale_loop<Feature>();
  loop(in, count, scale, shift, out);
}

template <class Feature>
void prefetch(const Feature* row, std::size_t count) {
  constexpr std::size_t kLine = 64 / sizeof(Feature);
  for (std::size_t i = 0; i < count; i += kLine) __builtin_prefetch(row + i);
}

}  // namespace

std::int64_t DataSet::sample_size() const {
  std::int64_t size = 1;
  for (const std::int64_t extent : sample_shape) size *= extent;
  return size;
}

void DataSet::gather(std::span<const std::uint32_t> samples, std::span<float> out) const {
  // Samples of a batch are far apart in a data set larger than any cache: asking for
  // them this many rows ahead halves the time of a batch of 32 images.
  constexpr std::size_t kAhead = 3;
  const auto width = static_cast<std::size_t>(sample_size());
  HEARSAY_CHECK(out.size() == samples.size() * width);
  std::visit(
      [&](const auto& values) {
        for (std::size_t k = 0; k < samples.size(); ++k) {
          HEARSAY_CHECK(samples[k] < labels.size());
          if (k + kAhead < samples.size()) {
            prefetch(values.data() + samples[k + kAhead] * width, width);
          }
          scale_into(values.data() + samples[k] * width, width, scale, shift,
                     out.data() + k * width);
        }
      },
      features);
}

void DataSet::gather_range(std::int64_t first, std::int64_t count, std::span<float> out) const {
  HEARSAY_CHECK(first >= 0);
  HEARSAY_CHECK(count >= 0);
  HEARSAY_CHECK(first <= size() - count);
  const std::int64_t width = sample_size();
  HEARSAY_CHECK(out.size() == static_cast<std::size_t>(count * width));
  std::visit(
      [&](const auto& values) {
        scale_into(values.data() + first * width, out.size(), scale, shift, out.data());
      },
      features);
}

}  // namespace hearsay

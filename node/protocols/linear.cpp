#include "node/protocols/linear.hpp"

#include <algorithm>
#include <array>

#include "node/base/check.hpp"

namespace hearsay {

ModelBuffer linear_combination(std::span<const Term> terms) {
  HEARSAY_CHECK(!terms.empty());
  const std::size_t size = terms[0].vector->size();
  ModelBuffer result = ModelBuffer::uninitialized(size);
  const std::span<float> out = result.writable();
  constexpr std::size_t kBlock = 1024;  // Sums that stay in the first-level cache.
  std::array<double, kBlock> sums{};
  for (std::size_t first = 0; first < size; first += kBlock) {
    const std::size_t count = std::min(kBlock, size - first);
    sums.fill(0.0);
    for (const Term& term : terms) {
      HEARSAY_CHECK(term.vector->size() == size);
      const float* const values = term.vector->values().data() + first;
      for (std::size_t i = 0; i < count; ++i) sums[i] += term.factor * double{values[i]};
    }
    for (std::size_t i = 0; i < count; ++i) out[first + i] = static_cast<float>(sums[i]);
  }
  return result;
}

}  // namespace hearsay

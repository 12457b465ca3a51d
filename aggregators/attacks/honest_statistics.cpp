#include "aggregators/attacks/honest_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "aggregators/vector_kernels.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 4096;

}  // namespace

void honest_mean(const AttackInput& input, std::span<float> mean) {
  const auto share = static_cast<float>(1.0 / static_cast<double>(input.honest.size()));
  std::vector<WeightedVector> terms;
  for (const KnownModel& known : input.honest) terms.push_back({share, known.values});
  linear_combination(terms, mean);
}

void honest_deviation(const AttackInput& input, std::span<const float> mean,
                      std::span<float> deviation) {
  const double degrees = static_cast<double>(input.honest.size()) - 1.0;
  std::array<double, kBlock> square;
  for (std::size_t first = 0; first < mean.size(); first += kBlock) {
    const std::size_t size = std::min(kBlock, mean.size() - first);
    std::fill_n(square.begin(), size, 0.0);
    for (const KnownModel& known : input.honest) {
      const float* const values = known.values.data() + first;
      for (std::size_t i = 0; i < size; ++i) {
        const double off = static_cast<double>(values[i]) - static_cast<double>(mean[first + i]);
        square[i] += off * off;
      }
    }
    for (std::size_t i = 0; i < size; ++i) {
      deviation[first + i] =
          degrees > 0.0 ? static_cast<float>(std::sqrt(square[i] / degrees)) : 0.0F;
    }
  }
}

}  // namespace hearsay

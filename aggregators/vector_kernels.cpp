#include "aggregators/vector_kernels.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "aggregators/instruction_sets.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 16384;  // 64 KiB of results: in the second-level cache.

HEARSAY_CLONES
void scale(const float* x, float weight, float* result, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) result[i] = weight * x[i];
}

HEARSAY_CLONES
void add_scaled(const float* x, float weight, float* result, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) result[i] += weight * x[i];
}

// Four terms in one pass over the result, added in the same order as one by one.
HEARSAY_CLONES
void add_scaled_four(const WeightedVector* terms, std::size_t first, float* result,
                     std::size_t size) {
  const float* const a = terms[0].values.data() + first;
  const float* const b = terms[1].values.data() + first;
  const float* const c = terms[2].values.data() + first;
  const float* const d = terms[3].values.data() + first;
  const float wa = terms[0].weight;
  const float wb = terms[1].weight;
  const float wc = terms[2].weight;
  const float wd = terms[3].weight;
  for (std::size_t i = 0; i < size; ++i) {
    result[i] = (((result[i] + wa * a[i]) + wb * b[i]) + wc * c[i]) + wd * d[i];
  }
}

constexpr std::size_t kLanes = 16;

HEARSAY_CLONES
void accumulate(const float* x, std::size_t groups, double* sum, double* square) {
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = x[g * kLanes + lane];
      sum[lane] += value;
      square[lane] += value * value;
    }
  }
}

HEARSAY_CLONES
void accumulate_distance(const float* x, const float* y, std::size_t groups, double* square) {
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t i = g * kLanes + lane;
      const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
      square[lane] += difference * difference;
    }
  }
}

HEARSAY_CLONES
void accumulate_product(const float* x, const float* y, std::size_t groups, double* product) {
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t i = g * kLanes + lane;
      product[lane] += static_cast<double>(x[i]) * static_cast<double>(y[i]);
    }
  }
}

HEARSAY_CLONES
void accumulate_deviation(const float* x, const float* origin, std::size_t size, double* sum,
                          double* square) {
  for (std::size_t i = 0; i < size; ++i) {
    const double deviation = static_cast<double>(x[i]) - static_cast<double>(origin[i]);
    sum[i] += deviation;
    square[i] += deviation * deviation;
  }
}

}  // namespace

void linear_combination(std::span<const WeightedVector> terms, std::span<float> result) {
  HEARSAY_CHECK(!terms.empty());
  for (const WeightedVector& term : terms) HEARSAY_CHECK(term.values.size() == result.size());
  for (std::size_t first = 0; first < result.size(); first += kBlock) {
    const std::size_t size = std::min(kBlock, result.size() - first);
    float* const out = result.data() + first;
    scale(terms[0].values.data() + first, terms[0].weight, out, size);
    std::size_t k = 1;
    for (; k + 4 <= terms.size(); k += 4) add_scaled_four(&terms[k], first, out, size);
    for (; k < terms.size(); ++k) {
      add_scaled(terms[k].values.data() + first, terms[k].weight, out, size);
    }
  }
}

Moments moments(std::span<const float> values) {
  HEARSAY_CHECK(!values.empty());
  std::array<double, kLanes> sum{};
  std::array<double, kLanes> square{};
  const std::size_t groups = values.size() / kLanes;
  accumulate(values.data(), groups, sum.data(), square.data());
  for (std::size_t i = groups * kLanes; i < values.size(); ++i) {
    const double value = values[i];
    sum[i % kLanes] += value;
    square[i % kLanes] += value * value;
  }
  double total = 0.0;
  double total_square = 0.0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    total += sum[lane];
    total_square += square[lane];
  }
  const auto n = static_cast<double>(values.size());
  const double mean = total / n;
  return {mean, std::max(0.0, total_square / n - mean * mean)};
}

std::vector<double> squared_distances(std::span<const WeightedVector> terms,
                                      std::span<const std::span<const float>> vectors) {
  HEARSAY_CHECK(!terms.empty());
  const std::size_t size = terms[0].values.size();
  for (const std::span<const float> vector : vectors) HEARSAY_CHECK(vector.size() == size);
  std::vector<std::array<double, kLanes>> lanes(vectors.size());
  std::vector<WeightedVector> part(terms.begin(), terms.end());
  std::vector<float> center(std::min(kBlock, size));
  for (std::size_t first = 0; first < size; first += kBlock) {
    const std::size_t length = std::min(kBlock, size - first);
    for (std::size_t k = 0; k < terms.size(); ++k) {
      part[k].values = terms[k].values.subspan(first, length);
    }
    linear_combination(part, std::span(center).first(length));
    const std::size_t groups = length / kLanes;
    for (std::size_t j = 0; j < vectors.size(); ++j) {
      const float* const vector = vectors[j].data() + first;
      accumulate_distance(vector, center.data(), groups, lanes[j].data());
      for (std::size_t i = groups * kLanes; i < length; ++i) {
        const double difference = static_cast<double>(vector[i]) - static_cast<double>(center[i]);
        lanes[j][i % kLanes] += difference * difference;
      }
    }
  }
  std::vector<double> squares;
  squares.reserve(vectors.size());
  for (const auto& lane : lanes) squares.push_back(std::accumulate(lane.begin(), lane.end(), 0.0));
  return squares;
}

double inner_product(std::span<const float> a, std::span<const float> b) {
  HEARSAY_CHECK(a.size() == b.size());
  std::array<double, kLanes> product{};
  const std::size_t groups = a.size() / kLanes;
  accumulate_product(a.data(), b.data(), groups, product.data());
  for (std::size_t i = groups * kLanes; i < a.size(); ++i) {
    product[i % kLanes] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return std::accumulate(product.begin(), product.end(), 0.0);
}

void add_deviations(std::span<const float> values, std::span<const float> origin,
                    std::span<double> sum, std::span<double> square) {
  HEARSAY_CHECK(values.size() == origin.size());
  HEARSAY_CHECK(values.size() == sum.size());
  HEARSAY_CHECK(values.size() == square.size());
  accumulate_deviation(values.data(), origin.data(), values.size(), sum.data(), square.data());
}

}  // namespace hearsay

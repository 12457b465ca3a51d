#include "aggregators/gram.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "aggregators/instruction_sets.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 1024;  // Coordinates at a time: 128 KiB for 32 rows.
constexpr std::size_t kLanes = 16;
constexpr std::size_t kTile = 4;  // Rows against as many others in registers.
constexpr std::size_t kGroups = kBlock / kLanes;

using Floats [[gnu::vector_size(64)]] = float;
using Doubles [[gnu::vector_size(128)]] = double;

struct alignas(64) Row {
  Floats group[kGroups];
};
struct alignas(64) Sum {
  Doubles lanes;
};

// Fetches the next block into the second level meanwhile.
HEARSAY_CLONES
void subtract(const float* x, const float* origin, std::size_t size, float* difference) {
  constexpr int kForReading = 0;
  constexpr int kSecondLevel = 2;
  for (std::size_t k = 0; k < size; k += kLanes) {
    __builtin_prefetch(x + k + kBlock, kForReading, kSecondLevel);
  }
  for (std::size_t k = 0; k < size; ++k) difference[k] = x[k] - origin[k];
}

// Adds the products of rows a[0..3] and b[0..3] to sums[4 * i + j].
HEARSAY_CLONES
void multiply_tile(const Row* a, const Row* b, Sum* sums) {
  Floats total[kTile * kTile] = {};
  for (std::size_t g = 0; g < kGroups; ++g) {
    const Floats b0 = b[0].group[g];
    const Floats b1 = b[1].group[g];
    const Floats b2 = b[2].group[g];
    const Floats b3 = b[3].group[g];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kTile; ++i) {
      const Floats left = a[i].group[g];
      total[kTile * i] += left * b0;
      total[kTile * i + 1] += left * b1;
      total[kTile * i + 2] += left * b2;
      total[kTile * i + 3] += left * b3;
    }
  }
#pragma GCC unroll 16
  for (std::size_t t = 0; t < kTile * kTile; ++t) {
    sums[t].lanes += __builtin_convertvector(total[t], Doubles);
  }
}

// The same for a row and itself, alone.
HEARSAY_CLONES
void multiply_row(const Row& row, Sum& sum) {
  Floats total{};
  for (std::size_t g = 0; g < kGroups; ++g) total += row.group[g] * row.group[g];
  sum.lanes += __builtin_convertvector(total, Doubles);
}

double total_of(const Sum& sum) {
  double total = 0.0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) total += sum.lanes[lane];
  return total;
}

// x - origin for one block of a row, zeros behind its end.
void load_row(std::span<const float> x, std::span<const float> origin, std::size_t first,
              std::size_t size, Row& row) {
  auto* const to = reinterpret_cast<float*>(row.group);
  if (x.empty() && origin.empty()) {
    std::fill_n(to, size, 0.0F);
  } else if (x.empty()) {
    for (std::size_t k = 0; k < size; ++k) to[k] = -origin[first + k];
  } else if (origin.empty()) {
    std::memcpy(to, x.data() + first, size * sizeof(float));
  } else {
    subtract(x.data() + first, origin.data() + first, size, to);
  }
  std::fill_n(to + size, kBlock - size, 0.0F);
}

SquareMatrix gram_in_float(Rows rows, std::span<const float> origin, std::size_t length) {
  const std::size_t tiles = (rows.size() + kTile - 1) / kTile;
  std::vector<Row> block(tiles * kTile);
  std::memset(static_cast<void*>(block.data()), 0, block.size() * sizeof(Row));
  std::vector<Sum> sums(tiles * tiles * kTile * kTile);
  for (std::size_t first = 0; first < length; first += kBlock) {
    const std::size_t size = std::min(kBlock, length - first);
    for (std::size_t i = 0; i < rows.size(); ++i) load_row(rows[i], origin, first, size, block[i]);
    for (std::size_t a = 0; a < tiles; ++a) {
      for (std::size_t b = a; b < tiles; ++b) {
        multiply_tile(&block[kTile * a], &block[kTile * b], &sums[(a * tiles + b) * kTile * kTile]);
      }
    }
  }
  SquareMatrix gram(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i; j < rows.size(); ++j) {
      const std::size_t tile = i / kTile * tiles + j / kTile;
      gram(i, j) = total_of(sums[tile * kTile * kTile + i % kTile * kTile + j % kTile]);
      gram(j, i) = gram(i, j);
    }
  }
  return gram;
}

double square_in_float(std::span<const float> x, std::span<const float> origin,
                       std::size_t length) {
  Row block;
  Sum sum{};
  for (std::size_t first = 0; first < length; first += kBlock) {
    load_row(x, origin, first, std::min(kBlock, length - first), block);
    multiply_row(block, sum);
  }
  return total_of(sum);
}

double value_at(std::span<const float> x, std::size_t k) {
  return x.empty() ? 0.0 : static_cast<double>(x[k]);
}

SquareMatrix gram_in_double(Rows rows, std::span<const float> origin, std::size_t length) {
  SquareMatrix gram(rows.size());
  std::vector<double> difference(rows.size());
  for (std::size_t k = 0; k < length; ++k) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      difference[i] = value_at(rows[i], k) - value_at(origin, k);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = i; j < rows.size(); ++j) gram(i, j) += difference[i] * difference[j];
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) gram(i, j) = gram(j, i);
  }
  return gram;
}

// Squares within this range are neither infinite nor rounded to nothing in float32.
constexpr double kLargest = 1e30;
constexpr double kSmallest = 1e-24;

bool is_at(std::span<const float> x, std::span<const float> origin) {
  if (x.data() == origin.data()) return true;
  const auto is_zero = [](float value) { return value == 0.0F; };
  if (x.empty()) return std::ranges::all_of(origin, is_zero);
  if (origin.empty()) return std::ranges::all_of(x, is_zero);
  return std::ranges::equal(x, origin);
}

bool within_range(const SquareMatrix& gram, Rows rows, std::span<const float> origin) {
  for (std::size_t i = 0; i < gram.size(); ++i) {
    const double square = gram(i, i);
    if (!(square <= kLargest) || (square < kSmallest && !is_at(rows[i], origin))) return false;
  }
  return true;
}

}  // namespace

SquareMatrix gram_matrix(Rows rows, std::span<const float> origin) {
  std::size_t length = 0;
  for (const std::span<const float> row : rows) length = std::max(length, row.size());
  HEARSAY_CHECK(length > 0);
  HEARSAY_CHECK(origin.empty() || origin.size() == length);
  for (const std::span<const float> row : rows) {
    HEARSAY_CHECK(row.empty() || row.size() == length);
  }
  SquareMatrix gram(1);
  if (rows.size() == 1) {
    gram(0, 0) = square_in_float(rows[0], origin, length);
  } else {
    gram = gram_in_float(rows, origin, length);
  }
  return within_range(gram, rows, origin) ? gram : gram_in_double(rows, origin, length);
}

std::vector<double> squared_distances_from(Rows rows, std::span<const float> o) {
  std::vector<double> squares;
  for (const std::span<const float>& row : rows) {
    squares.push_back(gram_matrix(Rows(&row, 1), o)(0, 0));
  }
  return squares;
}

SquareMatrix squared_distances(const SquareMatrix& gram) {
  SquareMatrix distances(gram.size());
  for (std::size_t i = 0; i < gram.size(); ++i) {
    for (std::size_t j = 0; j < gram.size(); ++j) {
      distances(i, j) = std::max(0.0, gram(i, i) + gram(j, j) - 2.0 * gram(i, j));
    }
  }
  return distances;
}

}  // namespace hearsay

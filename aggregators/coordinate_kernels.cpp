#include "aggregators/coordinate_kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "aggregators/instruction_sets.hpp"
#include "aggregators/numpy_partition.hpp"
#include "aggregators/smallest.hpp"
#include "node/base/check.hpp"

namespace hearsay {
namespace {

constexpr std::size_t kBlock = 64;  // Coordinates at a time: 8 KiB for 32 rows.

// Rows are more streams than the processor fetches ahead by itself. Into the second level:
// equal coordinates of large arrays often share a set of the first.
constexpr std::size_t kAhead = 512;
constexpr int kForReading = 0;
constexpr int kSecondLevel = 2;

// One cache line; narrower instruction sets take several registers for one.
constexpr std::size_t kLanes = 16;
using Ints [[gnu::vector_size(64)]] = std::int32_t;
using Floats [[gnu::vector_size(64)]] = float;
using Doubles [[gnu::vector_size(128)]] = double;

constexpr std::size_t kGroups = kBlock / kLanes;
struct alignas(64) Keys {
  Ints group[kGroups];
};
struct alignas(64) Centers {
  Floats group[kGroups];
};

constexpr std::int32_t kMagnitude = 0x7fffffff;  // All bits of a float but its sign.

// Floats of a block as integers of the same order. The last block of a row may be shorter.
HEARSAY_CLONES
void load_keys(const float* values, std::size_t size, Keys& keys) {
  for (std::size_t k = 0; k < size; k += kLanes) {
    __builtin_prefetch(values + k + kAhead, kForReading, kSecondLevel);
    Ints bits{};
    if (size - k >= kLanes) {
      std::memcpy(&bits, values + k, sizeof(bits));
    } else {
      std::memcpy(&bits, values + k, (size - k) * sizeof(float));
    }
    keys.group[k / kLanes] = bits ^ ((bits >> 31) & kMagnitude);
  }
}

HEARSAY_CLONES
void run_network(const Comparator* network, std::size_t steps, Keys* keys) {
  for (std::size_t s = 0; s < steps; ++s) {
    Ints* __restrict low = keys[network[s].low].group;
    Ints* __restrict high = keys[network[s].high].group;
#pragma GCC unroll 8
    for (std::size_t g = 0; g < kGroups; ++g) {
      const Ints a = low[g];
      const Ints b = high[g];
      low[g] = a < b ? a : b;
      high[g] = a < b ? b : a;
    }
  }
}

HEARSAY_CLONES
void mean_of_rows(const Keys* keys, std::size_t count, Centers& means) {
  for (std::size_t g = 0; g < kGroups; ++g) {
    Doubles sum{};
    for (std::size_t i = 0; i < count; ++i) {
      const Ints bits = keys[i].group[g] ^ ((keys[i].group[g] >> 31) & kMagnitude);
      sum += __builtin_convertvector((Floats)bits, Doubles);
    }
    means.group[g] = __builtin_convertvector(sum / static_cast<double>(count), Floats);
  }
}

// The `keep`-th smallest distance from the centers: the values nearest to one are neighbors in
// ascending order, so it is the least, over all windows of `keep` sorted rows, of the larger of
// the distances of both ends.
HEARSAY_CLONES
void bound_distances(const Keys* sorted, std::size_t rows, std::size_t keep, const Centers& centers,
                     Keys& bounds) {
  for (std::size_t g = 0; g < kGroups; ++g) {
    Ints bound = Ints{} + kMagnitude;
    for (std::size_t first = 0; first + keep <= rows; ++first) {
      const Ints& low = sorted[first].group[g];
      const Ints& high = sorted[first + keep - 1].group[g];
      const Floats below = (Floats)(low ^ ((low >> 31) & kMagnitude)) - centers.group[g];
      const Floats above = (Floats)(high ^ ((high >> 31) & kMagnitude)) - centers.group[g];
      const Ints a = (Ints)below & kMagnitude;
      const Ints b = (Ints)above & kMagnitude;
      const Ints farther = a > b ? a : b;
      bound = bound < farther ? bound : farther;
    }
    bounds.group[g] = bound;
  }
}

// Means of the `keep` values nearest to the centers, given the keep-th distance. Where too many
// are as far away as that one, they may be the same value, of which any will do; marks the
// coordinates where they are not, and says whether there are any.
HEARSAY_CLONES
bool mean_within(const Keys* keys, std::size_t rows, const Centers& centers, const Keys& bounds,
                 std::int32_t keep, Centers& means, Keys& undecided) {
  Ints all{};
  for (std::size_t g = 0; g < kGroups; ++g) {
    Doubles sum{};
    Ints surplus = Ints{} - keep;
    Ints least = Ints{} + INT32_MAX;
    Ints greatest = Ints{} + INT32_MIN;
    for (std::size_t i = 0; i < rows; ++i) {
      const Ints key = keys[i].group[g];
      const Ints bits = key ^ ((key >> 31) & kMagnitude);
      const Ints distance = (Ints)((Floats)bits - centers.group[g]) & kMagnitude;
      const Ints near = distance <= bounds.group[g];
      surplus -= near;
      sum += __builtin_convertvector((Floats)(bits & near), Doubles);
      const Ints last = distance == bounds.group[g];
      const Ints low = last ? key : Ints{} + INT32_MAX;
      const Ints high = last ? key : Ints{} + INT32_MIN;
      least = least < low ? least : low;
      greatest = greatest > high ? greatest : high;
    }
    const Floats value = (Floats)(least ^ ((least >> 31) & kMagnitude));
    sum -= __builtin_convertvector(surplus, Doubles) * __builtin_convertvector(value, Doubles);
    means.group[g] = __builtin_convertvector(sum / static_cast<double>(keep), Floats);
    undecided.group[g] = (surplus > 0) & (least != greatest);
    all |= undecided.group[g];
  }
  std::int32_t any = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) any |= all[lane];
  return any != 0;
}

// The same for one coordinate, with ties.
float mean_of_first(Rows rows, std::size_t coordinate, float center, std::size_t keep,
                    TieOrder ties) {
  std::vector<double> distances;
  for (const std::span<const float> row : rows) {
    distances.push_back(static_cast<double>(std::abs(row[coordinate] - center)));
  }
  const auto order =
      ties == TieOrder::kNumpy ? numpy_partition(distances, keep - 1) : smallest(distances, keep);
  double sum = 0.0;
  for (const std::size_t i : std::span(order).first(keep)) {
    sum += static_cast<double>(rows[i][coordinate]);
  }
  return static_cast<float>(sum / static_cast<double>(keep));
}

// One block of all rows after the other, in the first-level cache.
class Blocks {
 public:
  Blocks(Rows rows, std::span<float> result) : rows_(rows), result_(result), keys_(rows.size()) {
    HEARSAY_CHECK(!rows.empty());
    for (const std::span<const float> row : rows) HEARSAY_CHECK(row.size() == result.size());
  }

  // Calls work(keys of the rows, first coordinate, means to fill).
  template <class Work>
  void for_each(const Work& work) {
    Centers means;
    for (std::size_t first = 0; first < result_.size(); first += kBlock) {
      const std::size_t size = std::min(kBlock, result_.size() - first);
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        load_keys(rows_[i].data() + first, size, keys_[i]);
      }
      work(keys_, first, means);
      std::memcpy(result_.data() + first, &means, size * sizeof(float));
    }
  }

 private:
  Rows rows_;
  std::span<float> result_;
  std::vector<Keys> keys_;
};

void run(const std::vector<Comparator>& network, std::vector<Keys>& keys) {
  run_network(network.data(), network.size(), keys.data());
}

void mean_of_ranks(const std::vector<Keys>& keys, RankRange ranks, Centers& means) {
  mean_of_rows(keys.data() + ranks.first, static_cast<std::size_t>(ranks.last - ranks.first),
               means);
}

}  // namespace

void coordinate_median(Rows rows, std::span<float> result) {
  coordinate_rank_mean(rows, median_ranks(static_cast<int>(rows.size())), result);
}

void coordinate_rank_mean(Rows rows, RankRange kept, std::span<float> result) {
  const auto network = selection_network(static_cast<int>(rows.size()), kept);
  Blocks(rows, result).for_each([&](std::vector<Keys>& keys, std::size_t, Centers& means) {
    run(network, keys);
    mean_of_ranks(keys, kept, means);
  });
}

void coordinate_nearest_mean(Rows rows, RankRange center, int keep, TieOrder ties,
                             std::span<float> result) {
  const auto n = static_cast<int>(rows.size());
  HEARSAY_CHECK(1 <= keep);
  HEARSAY_CHECK(keep <= n);
  const auto network = sorting_network(n);
  std::vector<Keys> sorted(rows.size());
  Centers centers;
  Keys bounds;
  Keys undecided;
  Blocks(rows, result).for_each([&](std::vector<Keys>& keys, std::size_t first, Centers& means) {
    std::ranges::copy(keys, sorted.begin());
    run(network, sorted);
    mean_of_ranks(sorted, center, centers);
    bound_distances(sorted.data(), sorted.size(), static_cast<std::size_t>(keep), centers, bounds);
    if (!mean_within(keys.data(), keys.size(), centers, bounds, keep, means, undecided)) return;
    const std::size_t size = std::min(kBlock, result.size() - first);
    for (std::size_t k = 0; k < size; ++k) {
      const std::size_t lane = k % kLanes;
      if (undecided.group[k / kLanes][lane] == 0) continue;
      means.group[k / kLanes][lane] = mean_of_first(
          rows, first + k, centers.group[k / kLanes][lane], static_cast<std::size_t>(keep), ties);
    }
  });
}

// Ranks by counting smaller values, pair by pair, which vectorises over coordinates.
std::vector<double> coordinate_shares(Rows rows, std::span<const float> center,
                                      std::span<const double> rank_weights) {
  constexpr std::size_t kCoordinates = 256;
  const std::size_t n = rows.size();
  HEARSAY_CHECK(rank_weights.size() == n);
  const std::size_t size = rows.front().size();
  std::vector<std::array<float, kCoordinates>> keys(n);
  std::vector<std::array<std::int32_t, kCoordinates>> ranks(n);
  std::vector<std::int64_t> counts(n * n, 0);  // Coordinates by row and rank.
  for (std::size_t first = 0; first < size; first += kCoordinates) {
    const std::size_t length = std::min(kCoordinates, size - first);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < length; ++k) {
        const float value = rows[i][first + k];
        keys[i][k] = center.empty() ? value : std::abs(value - center[first + k]);
      }
      ranks[i].fill(0);
      for (std::size_t j = 0; j < i; ++j) {
        for (std::size_t k = 0; k < length; ++k) {
          const std::int32_t is_smaller = keys[i][k] < keys[j][k] ? 1 : 0;
          ranks[j][k] += is_smaller;
          ranks[i][k] += 1 - is_smaller;
        }
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < length; ++k) {
        ++counts[i * n + static_cast<std::size_t>(ranks[i][k])];
      }
    }
  }
  std::vector<double> shares(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t r = 0; r < n; ++r) {
      shares[i] += rank_weights[r] * static_cast<double>(counts[i * n + r]);
    }
    shares[i] /= static_cast<double>(size);
  }
  return shares;
}

}  // namespace hearsay

#include "aggregators/coordinate_kernels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "aggregators/instruction_sets.hpp"
#include "aggregators/numpy_partition.hpp"
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
using HalfFloats [[gnu::vector_size(32)]] = float;
using Doubles [[gnu::vector_size(64)]] = double;

constexpr std::size_t kGroups = kBlock / kLanes;
struct alignas(64) Keys {
  Ints group[kGroups];
};
struct alignas(64) Centers {
  Floats group[kGroups];
};

constexpr std::int32_t kMagnitude = 0x7fffffff;  // All bits of a float but its sign.

// Results by reference: returned vectors would have another calling convention per clone.
inline void to_values(const Ints& keys, Floats& values) {
  values = (Floats)(keys ^ ((keys >> 31) & kMagnitude));
}

inline void to_distances(const Floats& values, const Floats& centers, Ints& distances) {
  distances = (Ints)(values - centers) & kMagnitude;
}

// kLanes sums. In halves: a vector wider than all registers would live in memory.
struct Sums {
  Doubles low{};
  Doubles high{};
};

inline void add(const Floats& values, Sums& sums) {
  const HalfFloats low = __builtin_shufflevector(values, values, 0, 1, 2, 3, 4, 5, 6, 7);
  const HalfFloats high = __builtin_shufflevector(values, values, 8, 9, 10, 11, 12, 13, 14, 15);
  sums.low += __builtin_convertvector(low, Doubles);
  sums.high += __builtin_convertvector(high, Doubles);
}

inline void divide(const Sums& sums, double count, Floats& means) {
  const HalfFloats low = __builtin_convertvector(sums.low / count, HalfFloats);
  const HalfFloats high = __builtin_convertvector(sums.high / count, HalfFloats);
  means = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

inline bool any_lane(const Ints& mask) {
  std::int32_t any = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) any |= mask[lane];
  return any != 0;
}

inline void load(const float* values, Ints& keys) {
  __builtin_prefetch(values + kAhead, kForReading, kSecondLevel);
  Ints bits;
  std::memcpy(&bits, values, sizeof(bits));
  keys = bits ^ ((bits >> 31) & kMagnitude);
}

// Floats of a block as integers of the same order.
HEARSAY_CLONES
void load_keys(const float* values, Keys& keys) {
  for (std::size_t g = 0; g < kGroups; ++g) load(values + g * kLanes, keys.group[g]);
}

inline void order(Ints& low, Ints& high) {
  const Ints a = low;
  const Ints b = high;
  low = a < b ? a : b;
  high = a < b ? b : a;
}

// The comparators that sort kRows rows, a power of two, as sorting_network() has them.
template <std::size_t kRows>
constexpr auto make_run_network() {
  constexpr auto for_each = [](const auto& take) {
    for (std::size_t merged = 1; merged < kRows; merged *= 2) {
      for (std::size_t distance = merged; distance >= 1; distance /= 2) {
        for (std::size_t i = distance % merged; i + distance < kRows; ++i) {
          const bool is_start = (i - distance % merged) / distance % 2 == 0;
          if (is_start && i / (2 * merged) == (i + distance) / (2 * merged)) take(i, i + distance);
        }
      }
    }
  };
  constexpr std::size_t kCount = [&] {
    std::size_t count = 0;
    for_each([&](std::size_t, std::size_t) { ++count; });
    return count;
  }();
  std::array<std::pair<std::size_t, std::size_t>, kCount> network{};
  std::size_t next = 0;
  for_each([&](std::size_t low, std::size_t high) { network[next++] = {low, high}; });
  return network;
}

// Loads a block of kRows rows and sorts it without leaving the registers, where there are as
// many.
template <std::size_t kRows>
[[gnu::always_inline]] inline void load_run(const float* const* rows, Keys* keys) {
  static constexpr auto kNetwork = make_run_network<kRows>();
  for (std::size_t g = 0; g < kGroups; ++g) {
    Ints values[kRows];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) load(rows[i] + g * kLanes, values[i]);
    [&]<std::size_t... kStep>(std::index_sequence<kStep...>) {
      (order(values[kNetwork[kStep].first], values[kNetwork[kStep].second]), ...);
    }
    (std::make_index_sequence<kNetwork.size()>());
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) keys[i].group[g] = values[i];
  }
}

HEARSAY_CLONES
void load_run_of_8(const float* const* rows, Keys* keys) { load_run<8>(rows, keys); }

HEARSAY_CLONES
void load_run_of_16(const float* const* rows, Keys* keys) { load_run<16>(rows, keys); }

// Rows of the runs that are sorted while they are loaded.
int run_length(std::size_t rows) { return rows >= 16 ? 16 : rows >= 8 ? 8 : 1; }

HEARSAY_CLONES
void run_network(const Comparator* network, std::size_t steps, Keys* keys) {
  for (std::size_t s = 0; s < steps; ++s) {
    Ints* __restrict low = keys[network[s].low].group;
    Ints* __restrict high = keys[network[s].high].group;
#pragma GCC unroll 8
    for (std::size_t g = 0; g < kGroups; ++g) order(low[g], high[g]);
  }
}

HEARSAY_CLONES
void mean_of_rows(const Keys* keys, std::size_t count, Centers& means) {
  for (std::size_t g = 0; g < kGroups; ++g) {
    Sums sums;
    for (std::size_t i = 0; i < count; ++i) {
      Floats values;
      to_values(keys[i].group[g], values);
      add(values, sums);
    }
    divide(sums, static_cast<double>(count), means.group[g]);
  }
}

// Means of the `keep` sorted values nearest to the centers. These are neighbors in ascending
// order, so that of all values whose ranks differ by multiples of `keep` exactly one is among
// them: the nearest. Also the greatest distance of a value taken, and where one left out is no
// farther; says whether that is anywhere.
HEARSAY_CLONES
bool mean_of_nearest(const Keys* sorted, std::size_t rows, std::size_t keep, const Centers& centers,
                     Centers& means, Keys& bounds, Keys& tied) {
  Ints all{};
  for (std::size_t g = 0; g < kGroups; ++g) {
    const Floats center = centers.group[g];
    Sums sums;
    Ints bound{};
    Ints left_out = Ints{} + INT32_MAX;
    for (std::size_t first = 0; first < keep; ++first) {
      Floats nearest;
      Ints distance;
      to_values(sorted[first].group[g], nearest);
      to_distances(nearest, center, distance);
      for (std::size_t i = first + keep; i < rows; i += keep) {
        Floats other;
        Ints beside;
        to_values(sorted[i].group[g], other);
        to_distances(other, center, beside);
        const Ints farther = distance > beside ? distance : beside;
        left_out = left_out < farther ? left_out : farther;
        nearest = beside < distance ? other : nearest;
        distance = beside < distance ? beside : distance;
      }
      bound = bound > distance ? bound : distance;
      add(nearest, sums);
    }
    divide(sums, static_cast<double>(keep), means.group[g]);
    bounds.group[g] = bound;
    tied.group[g] = bound == left_out;
    all |= tied.group[g];
  }
  return any_lane(all);
}

// Clears the marks of coordinates where all values at the bound are the same one, of which any
// will do; says whether a mark is left.
HEARSAY_CLONES
bool keep_undecided(const Keys* keys, std::size_t rows, const Centers& centers, const Keys& bounds,
                    Keys& tied) {
  Ints all{};
  for (std::size_t g = 0; g < kGroups; ++g) {
    if (!any_lane(tied.group[g])) continue;
    Ints least = Ints{} + INT32_MAX;
    Ints greatest = Ints{} + INT32_MIN;
    for (std::size_t i = 0; i < rows; ++i) {
      const Ints key = keys[i].group[g];
      Floats values;
      Ints distance;
      to_values(key, values);
      to_distances(values, centers.group[g], distance);
      const Ints last = distance == bounds.group[g];
      const Ints low = last ? key : Ints{} + INT32_MAX;
      const Ints high = last ? key : Ints{} + INT32_MIN;
      least = least < low ? least : low;
      greatest = greatest > high ? greatest : high;
    }
    tied.group[g] &= least != greatest;
    all |= tied.group[g];
  }
  return any_lane(all);
}

// The mean of the `keep` nearest values of one coordinate, given the greatest of their distances.
float mean_of_first(Rows rows, std::size_t coordinate, float center, std::int32_t bound,
                    std::size_t keep) {
  double sum = 0.0;
  std::size_t left = keep;
  const auto add_where = [&](bool at_bound) {
    for (const std::span<const float> row : rows) {
      const auto distance = std::bit_cast<std::int32_t>(std::abs(row[coordinate] - center));
      if (left == 0 || (at_bound ? distance != bound : distance >= bound)) continue;
      sum += static_cast<double>(row[coordinate]);
      --left;
    }
  };
  add_where(false);
  add_where(true);
  return static_cast<float>(sum / static_cast<double>(keep));
}

// The same as NumPy's selection has it.
float mean_of_partition(Rows rows, std::size_t coordinate, float center, std::size_t keep) {
  std::vector<double> distances;
  for (const std::span<const float> row : rows) {
    distances.push_back(static_cast<double>(std::abs(row[coordinate] - center)));
  }
  const std::vector<std::size_t> order = numpy_partition(distances, keep - 1);
  double sum = 0.0;
  for (const std::size_t i : std::span(order).first(keep)) {
    sum += static_cast<double>(rows[i][coordinate]);
  }
  return static_cast<float>(sum / static_cast<double>(keep));
}

// One block of all rows after the other, in the first-level cache.
class Blocks {
 public:
  Blocks(Rows rows, std::span<float> result)
      : rows_(rows), result_(result), parts_(rows.size()), keys_(rows.size()), ends_(rows.size()) {
    HEARSAY_CHECK(!rows.empty());
    for (const std::span<const float> row : rows) HEARSAY_CHECK(row.size() == result.size());
  }

  // Calls work(keys of the rows behind the network, first coordinate, means to fill). The
  // network starts from runs of run_length() sorted rows.
  template <class Work>
  void for_each(const std::vector<Comparator>& network, const Work& work) {
    Centers means;
    for (std::size_t first = 0; first < result_.size(); first += kBlock) {
      const std::size_t size = std::min(kBlock, result_.size() - first);
      find(first, size);
      load();
      run_network(network.data(), network.size(), keys_.data());
      work(keys_, first, means);
      std::memcpy(result_.data() + first, &means, size * sizeof(float));
    }
  }

 private:
  // The rows' parts of this block; those of a last, shorter one with zeros behind them.
  void find(std::size_t first, std::size_t size) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      parts_[i] = rows_[i].data() + first;
      if (size == kBlock) continue;
      ends_[i] = {};
      std::memcpy(&ends_[i], parts_[i], size * sizeof(float));
      parts_[i] = reinterpret_cast<const float*>(&ends_[i]);
    }
  }

  void load() {
    const auto run = static_cast<std::size_t>(run_length(rows_.size()));
    std::size_t i = 0;
    for (; run > 1 && i + run <= rows_.size(); i += run) {
      (run == 16 ? load_run_of_16 : load_run_of_8)(&parts_[i], &keys_[i]);
    }
    for (; i < rows_.size(); ++i) load_keys(parts_[i], keys_[i]);
  }

  Rows rows_;
  std::span<float> result_;
  std::vector<const float*> parts_;
  std::vector<Keys> keys_;
  std::vector<Centers> ends_;
};

void mean_of_ranks(const std::vector<Keys>& keys, RankRange ranks, Centers& means) {
  mean_of_rows(keys.data() + ranks.first, static_cast<std::size_t>(ranks.last - ranks.first),
               means);
}

}  // namespace

void coordinate_median(Rows rows, std::span<float> result) {
  coordinate_rank_mean(rows, median_ranks(static_cast<int>(rows.size())), result);
}

void coordinate_rank_mean(Rows rows, RankRange kept, std::span<float> result) {
  const auto network =
      selection_network(static_cast<int>(rows.size()), kept, run_length(rows.size()));
  Blocks(rows, result)
      .for_each(network, [&](const std::vector<Keys>& keys, std::size_t, Centers& means) {
        mean_of_ranks(keys, kept, means);
      });
}

void coordinate_nearest_mean(Rows rows, RankRange center, int keep, TieOrder ties,
                             std::span<float> result) {
  const auto n = static_cast<int>(rows.size());
  HEARSAY_CHECK(1 <= keep);
  HEARSAY_CHECK(keep <= n);
  const auto network = sorting_network(n, run_length(rows.size()));
  const auto kept = static_cast<std::size_t>(keep);
  Centers centers;
  Keys bounds;
  Keys tied;
  const auto settle = [&](std::size_t first, Centers& means) {
    const std::size_t size = std::min(kBlock, result.size() - first);
    for (std::size_t k = 0; k < size; ++k) {
      const std::size_t group = k / kLanes;
      const std::size_t lane = k % kLanes;
      if (tied.group[group][lane] == 0) continue;
      const float from = centers.group[group][lane];
      means.group[group][lane] =
          ties == TieOrder::kNumpy
              ? mean_of_partition(rows, first + k, from, kept)
              : mean_of_first(rows, first + k, from, bounds.group[group][lane], kept);
    }
  };
  Blocks(rows, result)
      .for_each(network, [&](const std::vector<Keys>& keys, std::size_t first, Centers& means) {
        mean_of_ranks(keys, center, centers);
        if (mean_of_nearest(keys.data(), keys.size(), kept, centers, means, bounds, tied) &&
            keep_undecided(keys.data(), keys.size(), centers, bounds, tied)) {
          settle(first, means);
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

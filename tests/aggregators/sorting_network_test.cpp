#include "aggregators/sorting_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace hearsay {
namespace {

// Bit i of `values` is what row i holds.
std::uint32_t run(const std::vector<Comparator>& network, std::uint32_t values) {
  for (const Comparator step : network) {
    const bool low = (values >> step.low & 1U) != 0;
    const bool high = (values >> step.high & 1U) != 0;
    if (low && !high) values ^= (1U << step.low) | (1U << step.high);
  }
  return values;
}

// By the zero-one principle a network sorts all values if it sorts all zeros and ones.
TEST(SortingNetwork, SortsZerosAndOnes) {
  for (int n = 1; n <= 13; ++n) {
    const std::vector<Comparator> network = sorting_network(n);
    for (std::uint32_t values = 0; values < 1U << n; ++values) {
      const int ones = __builtin_popcount(values);
      const std::uint32_t sorted = ((1U << ones) - 1U) << (n - ones);
      ASSERT_EQ(run(network, values), sorted) << n << " rows";
    }
  }
}

TEST(SortingNetwork, MergesRunsThatAreSorted) {
  for (int n = 1; n <= 13; ++n) {
    for (const int run_length : {2, 4, 8}) {
      // The network of a run sorts each of the complete ones.
      std::vector<Comparator> whole;
      for (int first = 0; first + run_length <= n; first += run_length) {
        for (const Comparator step : sorting_network(run_length)) {
          whole.push_back({static_cast<std::uint16_t>(first + step.low),
                           static_cast<std::uint16_t>(first + step.high)});
        }
      }
      const std::vector<Comparator> rest = sorting_network(n, run_length);
      EXPECT_EQ(whole.size() + rest.size(), sorting_network(n).size());
      whole.insert(whole.end(), rest.begin(), rest.end());
      for (std::uint32_t values = 0; values < 1U << n; ++values) {
        const int ones = __builtin_popcount(values);
        ASSERT_EQ(run(whole, values), ((1U << ones) - 1U) << (n - ones)) << n << " rows";
      }
    }
  }
}

TEST(SortingNetwork, PutsWantedRanksToTheirPlaces) {
  for (int n = 1; n <= 9; ++n) {
    for (int first = 0; first < n; ++first) {
      for (int last = first + 1; last <= n; ++last) {
        const std::vector<Comparator> network = selection_network(n, {first, last});
        const std::uint32_t wanted = ((1U << (last - first)) - 1U) << first;
        for (std::uint32_t values = 0; values < 1U << n; ++values) {
          const int zeros = n - __builtin_popcount(values);
          const int ones_wanted = last - std::clamp(zeros, first, last);
          ASSERT_EQ(__builtin_popcount(run(network, values) & wanted), ones_wanted)
              << n << " rows, ranks " << first << " to " << last;
        }
      }
    }
  }
}

TEST(SortingNetwork, HasTheKnownNumberOfComparators) {
  // Batcher: (p^2 - p + 4) 2^(p-2) - 1 for 2^p rows: 19 for 8, 63 for 16, 191 for 32.
  EXPECT_EQ(sorting_network(8).size(), 19U);
  EXPECT_EQ(sorting_network(16).size(), 63U);
  EXPECT_EQ(sorting_network(32).size(), 191U);
}

TEST(SortingNetwork, LeavesOutWhatNoWantedRankNeeds) {
  EXPECT_LT(selection_network(32, {15, 17}).size(), 160U);
  EXPECT_LT(selection_network(32, {8, 24}).size(), 170U);
  // All ranks are wanted, in any order: nothing to do.
  EXPECT_TRUE(selection_network(32, {0, 32}).empty());
}

}  // namespace
}  // namespace hearsay

#include "aggregators/sorting_network.hpp"

#include <algorithm>
#include <bit>

#include "node/base/check.hpp"

namespace hearsay {

std::vector<Comparator> sorting_network(int n, int sorted) {
  HEARSAY_CHECK(n >= 1);
  HEARSAY_CHECK(n <= 32768);
  HEARSAY_CHECK(std::has_single_bit(static_cast<unsigned>(sorted)));
  std::vector<Comparator> network;
  const int size = static_cast<int>(std::bit_ceil(static_cast<unsigned>(n)));
  for (int merged = 1; merged < size; merged *= 2) {
    for (int distance = merged; distance >= 1; distance /= 2) {
      for (int start = distance % merged; start + distance < size; start += 2 * distance) {
        for (int i = start; i < start + distance; ++i) {
          const bool same_merge = i / (2 * merged) == (i + distance) / (2 * merged);
          const bool is_done = merged < sorted && (i / sorted + 1) * sorted <= n;
          if (same_merge && !is_done && i + distance < n) {
            network.push_back(
                {static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(i + distance)});
          }
        }
      }
    }
  }
  return network;
}

std::vector<Comparator> selection_network(int n, RankRange wanted, int sorted) {
  HEARSAY_CHECK(0 <= wanted.first);
  HEARSAY_CHECK(wanted.first < wanted.last);
  HEARSAY_CHECK(wanted.last <= n);
  // What the comparators seen so far, from the last one back, need of a row: nothing, to be
  // one of the wanted values, or to be a certain value.
  enum class Need { kNothing, kMember, kValue };
  std::vector<Need> needs(static_cast<std::size_t>(n), Need::kNothing);
  std::fill(needs.begin() + wanted.first, needs.begin() + wanted.last, Need::kMember);
  const std::vector<Comparator> full = sorting_network(n, sorted);
  std::vector<Comparator> network;
  for (auto step = full.rbegin(); step != full.rend(); ++step) {
    Need& low = needs[step->low];
    Need& high = needs[step->high];
    if (low == high && low != Need::kValue) continue;
    low = Need::kValue;
    high = Need::kValue;
    network.push_back(*step);
  }
  std::ranges::reverse(network);
  return network;
}

}  // namespace hearsay

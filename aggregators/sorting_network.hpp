#pragma once

#include <cstdint>
#include <vector>

namespace hearsay {

/// One step of a sorting network: afterwards row `low` holds the smaller of the two values
/// and row `high` the larger.
struct Comparator {
  std::uint16_t low = 0;
  std::uint16_t high = 0;

  friend bool operator==(const Comparator&, const Comparator&) = default;
};

/// Ranks first .. last - 1 of sorted values, counted from 0.
struct RankRange {
  int first = 0;
  int last = 0;
};

/// Sorts n rows: Batcher's odd-even merge sort for the next power of two, less the comparators
/// that touch rows beyond n (which would hold infinities); O(n log^2 n) comparators.
/// Without the comparators inside runs of `sorted` rows, 0 .. sorted - 1 and so on, that are
/// complete: these hold ascending values already.
/// REQUIRES: 1 <= n <= 32768; sorted is a power of two.
///
/// Batcher. Sorting networks and their applications. AFIPS Spring Joint Computer Conference,
/// 307-314, 1968.
std::vector<Comparator> sorting_network(int n, int sorted = 1);

/// Brings the values of the wanted ranks to the rows of these numbers, in unspecified order
/// among themselves; what the other rows hold is unspecified. It is sorting_network(n, sorted)
/// less the comparators that this does not depend on.
/// REQUIRES: 1 <= n <= 32768; 0 <= wanted.first < wanted.last <= n; sorted is a power of two.
std::vector<Comparator> selection_network(int n, RankRange wanted, int sorted = 1);

}  // namespace hearsay

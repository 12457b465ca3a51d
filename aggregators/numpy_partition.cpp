#include "aggregators/numpy_partition.hpp"

#include <numeric>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {
namespace {

class Partition {
 public:
  explicit Partition(std::span<const double> keys) : keys_(keys), order_(keys.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  std::vector<std::size_t> select(std::size_t kth) {
    if (kth < 3) {
      for (std::size_t place = 0; place <= kth; ++place) move_smallest_to(place);
      return order_;
    }
    std::size_t low = 0;
    std::size_t high = keys_.size() - 1;
    while (low + 1 < high) {
      const Halves halves = split(low, high);
      if (halves.pivot >= kth) high = halves.pivot - 1;
      if (halves.pivot <= kth) low = halves.upper;
    }
    if (high == low + 1) order_pair(low, high);
    return order_;
  }

 private:
  double key(std::size_t place) const { return keys_[order_[place]]; }
  void exchange(std::size_t a, std::size_t b) { std::swap(order_[a], order_[b]); }

  void order_pair(std::size_t smaller, std::size_t larger) {
    if (key(larger) < key(smaller)) exchange(smaller, larger);
  }

  void move_smallest_to(std::size_t place) {
    std::size_t smallest = place;
    for (std::size_t other = place + 1; other < order_.size(); ++other) {
      if (key(other) < key(smallest)) smallest = other;
    }
    exchange(place, smallest);
  }

  struct Halves {
    std::size_t pivot = 0;  // Its place: none before it is larger.
    std::size_t upper = 0;  // None from here on is smaller.
  };

  // The median of three becomes the pivot. The smallest of the three, behind it, and the
  // largest, at the end, stop both scans.
  Halves split(std::size_t low, std::size_t high) {
    const std::size_t middle = low + (high - low) / 2;
    order_pair(middle, high);
    order_pair(low, high);
    order_pair(middle, low);
    exchange(middle, low + 1);
    const double pivot = key(low);
    std::size_t up = low + 1;
    std::size_t down = high;
    while (true) {
      do ++up;
      while (key(up) < pivot);
      do --down;
      while (pivot < key(down));
      if (down < up) break;
      exchange(up, down);
    }
    exchange(low, down);
    return {down, up};
  }

  std::span<const double> keys_;
  std::vector<std::size_t> order_;
};

}  // namespace

std::vector<std::size_t> numpy_partition(std::span<const double> keys, std::size_t kth) {
  HEARSAY_CHECK(kth < keys.size());
  return Partition(keys).select(kth);
}

}  // namespace hearsay

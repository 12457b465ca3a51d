#include "aggregators/smallest.hpp"

#include <algorithm>
#include <numeric>

#include "node/base/check.hpp"

namespace hearsay {

std::vector<std::size_t> smallest(std::span<const double> keys, std::size_t count) {
  HEARSAY_CHECK(count <= keys.size());
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  order.resize(count);
  return order;
}

}  // namespace hearsay

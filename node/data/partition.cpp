#include "node/data/partition.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {

HeldOut hold_out(Partition partition, Fraction share, Rng rng) {
  HEARSAY_CHECK(share.value >= 0.0);
  HEARSAY_CHECK(share.value <= 1.0);
  // 0.29 * 100 is 28.999999999999996 in binary; 29 is meant.
  constexpr double kRounding = 1e-9;
  HeldOut result{.train = std::move(partition), .validation = {}};
  result.validation.resize(result.train.size());
  for (std::size_t p = 0; p < result.train.size(); ++p) {
    auto& owned = result.train[p];
    const double exact = share.value * static_cast<double>(owned.size());
    const auto count = static_cast<std::ptrdiff_t>(std::floor(exact + kRounding));
    rng.split("hold_out", p).shuffle(std::span(owned));
    result.validation[p].assign(owned.begin(), owned.begin() + count);
    owned.erase(owned.begin(), owned.begin() + count);
  }
  for (auto& owned : result.train) std::ranges::sort(owned);
  for (auto& owned : result.validation) std::ranges::sort(owned);
  return result;
}

}  // namespace hearsay

#include "node/data/partitions.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "node/base/check.hpp"

namespace hearsay {

Partition make_chosen(const PartitionOptions& options, std::span<const std::uint8_t> labels,
                      int num_peers, std::span<const PeerId> holders, const Rng& rng) {
  HEARSAY_CHECK(!holders.empty());
  HEARSAY_CHECK(std::ranges::adjacent_find(holders, std::ranges::greater_equal{}) == holders.end());
  HEARSAY_CHECK(holders.front() >= 0);
  HEARSAY_CHECK(holders.back() < num_peers);
  const auto count = static_cast<int>(holders.size());
  Partition shares = std::visit(
      [&](const auto& chosen) { return make_partition(chosen, labels, count, rng); }, options);
  Partition partition(static_cast<std::size_t>(num_peers));
  for (std::size_t k = 0; k < holders.size(); ++k) {
    partition[static_cast<std::size_t>(holders[k])] = std::move(shares[k]);
  }
  return partition;
}

}  // namespace hearsay
